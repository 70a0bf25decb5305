"""Draws a line chart as SVG that is readable on a light and on a dark page."""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from html import escape

WIDTH, HEIGHT = 800, 420
LEFT, RIGHT, TOP, BOTTOM = 70, 680, 64, 350
MOST_STEPS = 6
LIGHT = ("#ffffff", "#1f2328", "#59636e", "#d8dee4", ("#0550ae", "#bc4c00"))
DARK = ("#0d1117", "#f0f6fc", "#9198a1", "#2f353d", ("#58a6ff", "#f0883e"))


@dataclass(frozen=True)
class Line:
    """One line of a chart; its name is written at its last point."""

    name: str
    points: Mapping[float, float]


@dataclass(frozen=True)
class LineChart:
    """Up to two lines over a logarithmic x axis, with a label at each x of the first line."""

    title: str
    x_title: str
    y_title: str
    x_unit: str
    lines: tuple[Line, ...]
    level: Line
    """A dashed line for comparison, named below its first point."""

    def svg(self) -> str:
        """Returns the whole file."""
        return "\n".join(self._parts()) + "\n"

    def _parts(self) -> Iterator[str]:
        yield (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" '
            f'width="{WIDTH}" height="{HEIGHT}" role="img" aria-labelledby="title">'
        )
        yield f'<title id="title">{escape(self.title)}</title>'
        yield f"<style>\n{_style(LIGHT)}\n@media (prefers-color-scheme: dark) {{"
        yield f"{_style(DARK)}\n}}\n</style>"
        yield f'<rect class="page" width="{WIDTH}" height="{HEIGHT}"/>'
        yield _text(LEFT - 50, 28, "heading", self.title)
        yield from self._axes()
        yield f'<polyline class="level" points="{self._places(self.level)}"/>'
        x, y = next(iter(self.level.points.items()))
        yield _text(self._x(x), self._y(y) + 18, "note", self.level.name)
        for number, line in enumerate(self.lines):
            yield f'<polyline class="line line-{number}" points="{self._places(line)}"/>'
            for x, y in line.points.items():
                yield f'<circle class="dot-{number}" cx="{self._x(x)}" cy="{self._y(y)}" r="4"/>'
            x, y = list(line.points.items())[-1]
            yield _text(self._x(x) + 12, self._y(y) + 5, f"name dot-{number}", line.name)
        yield "</svg>"

    def _axes(self) -> Iterator[str]:
        yield _text(LEFT - 50, TOP - 14, "note", self.y_title)
        top, step = self._top_and_step
        for number in range(round(top / step) + 1):
            y = self._y(number * step)
            yield f'<path class="grid" d="M{LEFT} {y}H{RIGHT}"/>'
            yield _text(LEFT - 10, y + 5, "note end", f"{number * step:g}")
        for x in self.lines[0].points:
            yield f'<path class="grid" d="M{self._x(x)} {BOTTOM}v6"/>'
            yield _text(self._x(x), BOTTOM + 22, "note middle", f"{x:g}{self.x_unit}")
        yield _text((LEFT + RIGHT) / 2, BOTTOM + 48, "note middle", self.x_title)

    @property
    def _top_and_step(self) -> tuple[float, float]:
        """The highest value of the y axis, and the distance between two of its labels."""
        most = max(max(line.points.values()) for line in (*self.lines, self.level))
        power = 10 ** math.floor(math.log10(most))
        steps = (part * power for part in (0.1, 0.2, 0.5, 1, 2))
        step = next(step for step in steps if most <= MOST_STEPS * step)
        return math.ceil(most / step) * step, step

    def _x(self, value: float) -> float:
        first, *_, last = self.lines[0].points
        share = math.log(value / first) / math.log(last / first)
        return round(LEFT + share * (RIGHT - LEFT), 1)

    def _y(self, value: float) -> float:
        top, _ = self._top_and_step
        return round(BOTTOM - value / top * (BOTTOM - TOP), 1)

    def _places(self, line: Line) -> str:
        return " ".join(f"{self._x(x)},{self._y(y)}" for x, y in line.points.items())


def _text(x: float, y: float, classes: str, text: str) -> str:
    return f'<text class="{classes}" x="{x:g}" y="{y:g}">{escape(text)}</text>'


def _style(colours: tuple[str, str, str, str, tuple[str, ...]]) -> str:
    page, strong, weak, grid, lines = colours
    rules = [
        "text { font: 13px system-ui, -apple-system, 'Segoe UI', sans-serif }",
        f".page {{ fill: {page} }} .heading {{ fill: {strong}; font-size: 14px }}",
        ".heading, .name { font-weight: 600 }",
        f".note {{ fill: {weak} }} .middle {{ text-anchor: middle }} .end {{ text-anchor: end }}",
        f".grid {{ stroke: {grid}; fill: none }} .line {{ stroke-width: 2.5; fill: none }}",
        f".level {{ stroke: {weak}; stroke-dasharray: 5 4; fill: none }}",
        *(
            f".line-{number} {{ stroke: {colour} }} .dot-{number} {{ fill: {colour} }}"
            for number, colour in enumerate(lines)
        ),
    ]
    return "\n".join(rules)
