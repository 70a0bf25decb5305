"""What all charts have in common: one SVG file that is readable on a light and on a dark page."""

from collections.abc import Iterable
from html import escape

Colours = tuple[str, str, str, str, tuple[str, ...]]
"""Page, strong text, weak text, grid, and one for each series."""
LIGHT: Colours = ("#ffffff", "#1f2328", "#59636e", "#d8dee4", ("#0550ae", "#bc4c00"))
DARK: Colours = ("#0d1117", "#f0f6fc", "#9198a1", "#2f353d", ("#58a6ff", "#f0883e"))
START_X = 20
"""Where the heading begins."""


def document(title: str, width: int, height: int, parts: Iterable[str]) -> str:
    """Returns the whole file with its title, which is also the heading."""
    size = f'viewBox="0 0 {width} {height}" width="{width}" height="{height}"'
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" {size} role="img" aria-labelledby="title">',
        f'<title id="title">{escape(title)}</title>',
        f"<style>\n{_style(LIGHT)}\n@media (prefers-color-scheme: dark) {{",
        f"{_style(DARK)}\n}}\n</style>",
        f'<rect class="page" width="{width}" height="{height}"/>',
        text(START_X, 28, "heading", title),
        *parts,
        "</svg>",
    ]
    return "\n".join(lines) + "\n"


def text(x: float, y: float, classes: str, words: str) -> str:
    """Returns words that begin at x; the class `end` lets them end there."""
    return f'<text class="{classes}" x="{x:g}" y="{y:g}">{escape(words)}</text>'


def _style(colours: Colours) -> str:
    page, strong, weak, grid, series = colours
    rules = [
        "text { font: 13px system-ui, -apple-system, 'Segoe UI', sans-serif }",
        f".page {{ fill: {page} }} .heading {{ fill: {strong}; font-size: 14px }}",
        ".heading, .name { font-weight: 600 }",
        f".note {{ fill: {weak} }} .middle {{ text-anchor: middle }} .end {{ text-anchor: end }}",
        f".grid {{ stroke: {grid}; fill: none }} .line {{ stroke-width: 2.5; fill: none }}",
        f".level {{ stroke: {weak}; stroke-dasharray: 5 4; fill: none }}",
        f".range {{ stroke: {strong}; stroke-width: 1.5; fill: none }}",
        *(
            f".line-{number} {{ stroke: {colour} }} .dot-{number} {{ fill: {colour} }}"
            for number, colour in enumerate(series)
        ),
    ]
    return "\n".join(rules)
