"""Figures of several rounds, in a table and as a bar."""

from statistics import median, quantiles

from bench.bar_chart import Bar


def said(rates: list[float]) -> str:
    """The median, for example `8,120`."""
    return f"{median(rates):,.0f}"


def bar(name: str, figures: list[float], *, unit: str = "/s", is_ours: bool = False) -> Bar:
    """Shows the median, and the quartiles as a line across the end of the bar."""
    low, middle, high = quantiles(figures, n=4, method="inclusive")
    return Bar(name, middle, f"{said(figures)}{unit}", low, high, is_ours)
