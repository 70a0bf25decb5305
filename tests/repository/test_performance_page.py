"""docs/performance.md says what the records in docs/bench say, and their pictures show it."""

import re
from dataclasses import replace
from xml.etree import ElementTree as ET

import pytest

from bench import page
from bench.bar_chart import BarChart
from bench.line_chart import LineChart
from bench.names import NAMES
from bench.record import FOLDER, Record

TEXT = page.PAGE.read_text()
RECORDED = sorted(path.stem for path in FOLDER.glob("*.json"))
EACH = pytest.mark.parametrize("bench", RECORDED)
COLOUR = re.compile(r"(\.[\w-]+) \{ (?:fill|stroke): (#\w{6})")
FIGURE = re.compile(r"\d[\d.,]* ?(?:×|times|(?:requests|answers)/s)")  # noqa: RUF001 - the sign
LETTER = {"strong": 7.4, "weak": 6.6}  # pixels of a mean letter


def drawn(bench: str) -> ET.Element:
    """The picture of a bench."""
    path = FOLDER / f"{bench}.svg"
    return ET.fromstring(path.read_text())  # noqa: S314 - the project's own file


def part(bench: str, name: str) -> str:
    """The text of one element of the picture."""
    return drawn(bench).findtext(f"{{http://www.w3.org/2000/svg}}{name}") or ""


def changed(chart: BarChart | LineChart) -> BarChart | LineChart:
    """The same chart with other figures in its first line or bar."""
    if isinstance(chart, BarChart):
        group, *groups = chart.groups
        bar, *bars = group.bars
        longest = max(bar.value for group in chart.groups for bar in group.bars)
        bars = [replace(bar, value=bar.value + longest), *bars]
        return replace(chart, groups=[replace(group, bars=bars), *groups])
    line, *lines = chart.lines
    points = {x: y / 2 for x, y in line.points.items()}
    return replace(chart, lines=(replace(line, points=points), *lines))


def test_page_is_written_from_the_prose_and_the_records() -> None:
    wanted = page.page(page.PROSE.read_text(), page.recorded())
    assert page.PAGE.read_text() == wanted, f"{page.PAGE.name}: run `python -m bench.page`"


def test_prose_has_one_section_for_each_bench_in_their_order() -> None:
    assert tuple(page.MARKER.findall(page.PROSE.read_text())) == NAMES


def test_each_record_belongs_to_a_bench_and_has_a_picture() -> None:
    assert RECORDED, "docs/bench has no record"
    assert set(RECORDED) <= set(NAMES), f"docs/bench: {sorted(set(RECORDED) - set(NAMES))}"
    files = {path.name for path in FOLDER.iterdir()}
    wanted = {f"{bench}.{kind}" for bench in RECORDED for kind in ("json", "svg")}
    assert files == wanted, f"docs/bench: {sorted(files ^ wanted)} is missing or too much"


def test_prose_around_the_records_has_no_figures() -> None:
    found = FIGURE.findall(page.PROSE.read_text())
    assert not found, f"{page.PROSE}: {found} are not from a record"


@EACH
def test_picture_is_drawn_from_the_record_next_to_it(bench: str) -> None:
    chart = Record.read(bench).findings.chart
    assert chart is not None, f"{bench} has no chart"
    svg = (FOLDER / f"{bench}.svg").read_text()
    assert svg == chart.svg(), f"docs/bench/{bench}.svg: run `python -m bench {bench}`"
    assert changed(chart).svg() != svg, f"{bench}: other figures give the same picture"


@EACH
def test_title_of_the_picture_is_its_text_on_the_page(bench: str) -> None:
    title = part(bench, "title")
    assert re.search(r"\d", title), f"docs/bench/{bench}.svg: no figure in {title!r}"
    assert f"![{title}](bench/{bench}.svg)" in TEXT, f"{page.PAGE.name}: {title!r}"


@EACH
def test_picture_has_every_colour_for_a_light_and_for_a_dark_page(bench: str) -> None:
    light, _, dark = part(bench, "style").partition("@media (prefers-color-scheme: dark)")
    in_light, in_dark = dict(COLOUR.findall(light)), dict(COLOUR.findall(dark))
    assert len(in_light) >= 7, f"docs/bench/{bench}.svg: colours {in_light}"
    assert in_light.keys() == in_dark.keys(), f"light {in_light}, dark {in_dark}"
    same = {name for name, colour in in_light.items() if in_dark[name] == colour}
    assert not same, f"docs/bench/{bench}.svg: {same} have one colour for both"


@EACH
def test_no_text_of_the_picture_is_cut_off(bench: str) -> None:
    picture = drawn(bench)
    width = float(picture.attrib["width"])
    for text in picture.iter("{http://www.w3.org/2000/svg}text"):
        classes, words = text.attrib["class"].split(), text.text or ""
        most = len(words) * LETTER["strong" if {"heading", "name"} & set(classes) else "weak"]
        x = float(text.attrib["x"])
        begins = x - most * (1 if "end" in classes else 0.5 if "middle" in classes else 0)
        assert begins >= 0, f"docs/bench/{bench}.svg: {words!r} begins at {begins:.0f}"
        assert begins + most <= width, f"docs/bench/{bench}.svg: {words!r} does not fit"
