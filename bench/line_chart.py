"""Draws a line chart as SVG that is readable on a light and on a dark page."""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from bench import svg

WIDTH, HEIGHT = 800, 420
LEFT, RIGHT, TOP, BOTTOM = 70, 680, 64, 350
MOST_STEPS = 6


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
        return svg.document(self.title, WIDTH, HEIGHT, self._parts())

    def _parts(self) -> Iterator[str]:
        yield from self._axes()
        yield f'<polyline class="level" points="{self._places(self.level)}"/>'
        x, y = next(iter(self.level.points.items()))
        yield svg.text(self._x(x), self._y(y) + 18, "note", self.level.name)
        for number, line in enumerate(self.lines):
            yield f'<polyline class="line line-{number}" points="{self._places(line)}"/>'
            for x, y in line.points.items():
                yield f'<circle class="dot-{number}" cx="{self._x(x)}" cy="{self._y(y)}" r="4"/>'
            x, y = list(line.points.items())[-1]
            yield svg.text(self._x(x) + 12, self._y(y) + 5, f"name dot-{number}", line.name)

    def _axes(self) -> Iterator[str]:
        yield svg.text(svg.START_X, TOP - 14, "note", self.y_title)
        top, step = self._top_and_step
        for number in range(round(top / step) + 1):
            y = self._y(number * step)
            yield f'<path class="grid" d="M{LEFT} {y}H{RIGHT}"/>'
            yield svg.text(LEFT - 10, y + 5, "note end", f"{number * step:g}")
        for x in self.lines[0].points:
            yield f'<path class="grid" d="M{self._x(x)} {BOTTOM}v6"/>'
            yield svg.text(self._x(x), BOTTOM + 22, "note middle", f"{x:g}{self.x_unit}")
        yield svg.text((LEFT + RIGHT) / 2, BOTTOM + 48, "note middle", self.x_title)

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
