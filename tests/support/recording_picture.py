"""Draws a recording as SVG that is readable on a light and on a dark page."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from html import escape

from tests.support.recording import Phase, Points, Recording

COLUMNS = 2
WIDTH, PANEL_WIDTH, PANEL_HEIGHT = 960, 400, 110
LEFT, TOP, GAP_X, GAP_Y = 60, 96, 70, 74
# Page, strong text, weak text, grid, shade, and the colours of lines.
LIGHT = ("#ffffff", "#1f2328", "#59636e", "#d8dee4", "#f3f5f7",
         ("#0550ae", "#bc4c00", "#116329", "#8250df", "#a40e26"))  # fmt: skip
DARK = ("#0d1117", "#f0f6fc", "#9198a1", "#2f353d", "#161b22",
        ("#58a6ff", "#f0883e", "#56d364", "#d2a8ff", "#ff7b72"))  # fmt: skip


@dataclass(frozen=True)
class Look:
    """How a recording is drawn."""

    title: str
    units: Mapping[str, str]
    """Panel → the unit of its values."""
    gap_seconds: float
    """A line ends where the next point is later than this."""
    kind: Callable[[str], str] = str
    """Returns the name that a series has in the legend. Series of one name share a colour."""


def picture(recording: Recording, look: Look) -> str:
    """Returns the whole file."""
    return "\n".join(_parts(recording, look)) + "\n"


def _parts(recording: Recording, look: Look) -> Iterator[str]:
    rows = -(-len(recording.panels) // COLUMNS)
    height = TOP + rows * (PANEL_HEIGHT + GAP_Y)
    yield (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" '
        f'width="{WIDTH}" height="{height}" role="img" aria-labelledby="title">'
    )
    yield f'<title id="title">{escape(look.title)}</title>'
    yield f"<style>\n{_style(LIGHT)}\n@media (prefers-color-scheme: dark) {{"
    yield f"{_style(DARK)}\n}}\n</style>"
    yield f'<rect class="page" width="{WIDTH}" height="{height}"/>'
    yield _text(LEFT, 28, "heading", look.title)
    for number, panel in enumerate(recording.panels):
        x = LEFT + number % COLUMNS * (PANEL_WIDTH + GAP_X)
        y = TOP + number // COLUMNS * (PANEL_HEIGHT + GAP_Y)
        yield from _panel(recording, look, panel, x, y)
    yield "</svg>"


@dataclass(frozen=True)
class _Frame:
    """Where a panel is drawn, and its scales."""

    left: int
    top: int
    seconds: float
    most: float

    def x(self, second: float) -> float:
        return round(self.left + second / self.seconds * PANEL_WIDTH, 1)

    def y(self, value: float) -> float:
        return round(self.top + PANEL_HEIGHT * (1 - value / self.most), 1)


def _panel(recording: Recording, look: Look, panel: str, left: int, top: int) -> Iterator[str]:
    """One panel: its title, the phases as shades, and a line for each series."""
    series = recording.panels[panel]
    most = max((value for points in series.values() for _, value in points), default=0) or 1
    frame = _Frame(left, top, recording.phases[-1].end, most)
    yield _text(left, top - 36, "name", panel)
    yield _text(left + PANEL_WIDTH, top - 36, "note end", look.units[panel])
    yield from _phases(recording.phases, frame)
    for value in (0, most):
        yield f'<path class="grid" d="M{left} {frame.y(value)}h{PANEL_WIDTH}"/>'
        yield _text(left - 6, frame.y(value) + 4, "small end", _number(value))
    names = list(dict.fromkeys(look.kind(name) for name in series))
    for name, points in series.items():
        colour = names.index(look.kind(name)) % len(LIGHT[-1])
        for piece in _pieces(points, look.gap_seconds):
            yield _line(piece, colour, frame)
    if len(names) > 1:
        yield from _legend(names, left, top + PANEL_HEIGHT + 16)


def _number(value: float) -> str:
    return f"{value:,.0f}" if value >= 1000 else f"{value:.3g}"


def _phases(phases: list[Phase], frame: _Frame) -> Iterator[str]:
    """Shades every second phase. Its name is above the others', so that short ones do not touch."""
    for number, phase in enumerate(phases):
        x = frame.x(phase.begin)
        if number % 2:
            width = round(frame.x(phase.end) - x, 1)
            size = f'width="{width}" height="{PANEL_HEIGHT}"'
            yield f'<rect class="shade" x="{x}" y="{frame.top}" {size}/>'
        yield _text(x + 3, frame.top - (18 if number % 2 else 6), "small", phase.name)


def _line(points: Points, colour: int, frame: _Frame) -> str:
    places = " ".join(f"{frame.x(second)},{frame.y(value)}" for second, value in points)
    return f'<polyline class="line line-{colour}" points="{places}"/>'


def _pieces(points: Points, gap_seconds: float) -> Iterator[Points]:
    """The points between gaps: a pod that is gone has no more of them."""
    piece: Points = []
    for point in points:
        if piece and point[0] - piece[-1][0] > gap_seconds:
            yield piece
            piece = []
        piece.append(point)
    if piece:
        yield piece


def _legend(names: list[str], left: float, top: float) -> Iterator[str]:
    for number, name in enumerate(names):
        colour = number % len(LIGHT[-1])
        yield _text(left + number * 78, top, f"small fill-{colour}", name)


def _text(x: float, y: float, classes: str, text: str) -> str:
    return f'<text class="{classes}" x="{x:g}" y="{y:g}">{escape(text)}</text>'


def _style(colours: tuple[str, str, str, str, str, tuple[str, ...]]) -> str:
    page, strong, weak, grid, shade, lines = colours
    rules = [
        "text { font: 12px system-ui, -apple-system, 'Segoe UI', sans-serif }",
        f".page {{ fill: {page} }} .shade {{ fill: {shade} }}",
        f".heading {{ fill: {strong}; font-size: 15px }} .name {{ fill: {strong} }}",
        ".heading, .name { font-weight: 600 } .end { text-anchor: end }",
        f".note {{ fill: {weak} }} .small {{ fill: {weak}; font-size: 10px }}",
        f".grid {{ stroke: {grid}; fill: none }} .line {{ stroke-width: 1.6; fill: none }}",
        *(
            f".line-{number} {{ stroke: {colour} }} .fill-{number} {{ fill: {colour} }}"
            for number, colour in enumerate(lines)
        ),
    ]
    return "\n".join(rules)
