"""The picture and the text of docs/under-pressure.md say the figures of docs/overload.json."""

import re
from dataclasses import replace
from xml.etree import ElementTree as ET

import pytest

from bench.overload import BARE, FACTORS, POD, Figures, picture, title
from tests.support.repository import ROOT

PICTURE = ROOT / "docs" / "overload.svg"


@pytest.fixture(scope="module")
def figures() -> Figures:
    return Figures.read(ROOT / "docs" / "overload.json")


def part(name: str) -> str:
    """The text of one element of the picture."""
    root = ET.fromstring(PICTURE.read_text())  # noqa: S314 - the project's own file
    return root.findtext(f"{{http://www.w3.org/2000/svg}}{name}") or ""


def test_the_picture_is_drawn_from_the_figures_next_to_it(figures: Figures) -> None:
    drawn = picture(figures)
    assert PICTURE.read_text() == drawn, "docs/overload.svg: run `python -m bench.overload`"
    doubled = replace(figures, seconds=figures.seconds * 2)
    assert picture(doubled) != drawn, "other figures give the same picture"


def test_the_figures_are_of_every_rate_and_the_load_was_in_time(figures: Figures) -> None:
    assert [point.factor for point in figures.points] == list(FACTORS)
    for point in figures.points:
        assert set(point.outcomes) == {POD, BARE}, f"{point.factor}: {point.outcomes}"
        assert point.late_ms < 50, f"{point.factor}: the load was {point.late_ms} ms late"


def test_the_document_says_the_figures_and_the_picture_has_them_as_its_title(
    figures: Figures,
) -> None:
    text = " ".join((ROOT / "docs" / "under-pressure.md").read_text().split())
    last = figures.points[-1]
    good, refused = (figures.per_second(POD, last, outcome) for outcome in ("200", "503"))
    for said in (
        f"![{title(figures)}](overload.svg)",
        f"about {figures.capacity_per_second:.0f} requests/s",
        f"At {last.factor:g} times the capacity it answers {good:.0f} requests/s",
        f"refusing the other {refused:.0f}",
        "`PYTHONPATH=app .venv/bin/python -m bench.overload`",
    ):
        assert said in text, f"docs/under-pressure.md does not say {said!r}"
    assert part("title") == title(figures), f"docs/overload.svg: title {part('title')!r}"


def test_the_picture_has_every_colour_for_a_light_and_for_a_dark_page() -> None:
    light, _, dark = part("style").partition("@media (prefers-color-scheme: dark)")
    coloured = re.compile(r"(\.[\w-]+) \{ (?:fill|stroke): (#\w{6})")
    in_light, in_dark = dict(coloured.findall(light)), dict(coloured.findall(dark))
    assert len(in_light) >= 7, f"docs/overload.svg: colours {in_light}"
    assert in_light.keys() == in_dark.keys(), f"light {in_light}, dark {in_dark}"
    same = {name for name, colour in in_light.items() if in_dark[name] == colour}
    assert not same, f"docs/overload.svg: {same} have one colour for both"
