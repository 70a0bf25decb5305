"""Draws horizontal bars, each with its figure, in groups with a common scale."""

from collections.abc import Iterator
from dataclasses import dataclass

from bench import svg

WIDTH, LEFT, RIGHT = 800, 250, 640
TOP, BAR, ROW, GROUP = 78, 14, 22, 34


@dataclass(frozen=True)
class Bar:
    """One bar. `low` and `high` are drawn as a line across its end, if they differ."""

    name: str
    value: float
    label: str
    """What stands next to the bar, for example `8,120/s`."""
    low: float = 0.0
    high: float = 0.0
    is_ours: bool = False


@dataclass(frozen=True)
class Group:
    """Bars with a name above them."""

    name: str
    bars: list[Bar]


@dataclass(frozen=True)
class BarChart:
    """All bars have one scale, which begins at zero."""

    title: str
    """A sentence that says what the bars show."""
    unit: str
    groups: list[Group]

    def svg(self) -> str:
        """Returns the whole file."""
        rows = sum(len(group.bars) for group in self.groups)
        height = TOP + len(self.groups) * GROUP + rows * ROW
        return svg.document(self.title, WIDTH, height, self._parts())

    def _parts(self) -> Iterator[str]:
        yield svg.text(svg.START_X, 50, "note", self.unit)
        y = TOP
        for group in self.groups:
            yield svg.text(svg.START_X, y + 8, "name note", group.name)
            y += GROUP - 12
            for bar in group.bars:
                yield from self._bar(bar, y)
                y += ROW
            y += 12

    def _bar(self, bar: Bar, y: float) -> Iterator[str]:
        middle = y + BAR / 2
        colour = "dot-0" if bar.is_ours else "dot-1"
        yield svg.text(LEFT - 10, middle + 5, "note end", bar.name)
        width = max(1.0, self._x(bar.value) - LEFT)
        yield f'<rect class="{colour}" x="{LEFT}" y="{y}" width="{width:.1f}" height="{BAR}"/>'
        end = self._x(max(bar.value, bar.high))
        if bar.high > bar.low:
            low, high = self._x(bar.low), self._x(bar.high)
            ends = "".join(f"M{x:.1f} {y + 3}v8" for x in (low, high))
            yield f'<path class="range" d="M{low:.1f} {middle}H{high:.1f}{ends}"/>'
        yield svg.text(round(end + 8, 1), middle + 5, "note", bar.label)

    def _x(self, value: float) -> float:
        most = max(max(bar.value, bar.high) for group in self.groups for bar in group.bars)
        return LEFT + value / (most or 1.0) * (RIGHT - LEFT)
