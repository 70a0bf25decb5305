"""docs/scale.svg and the tables of docs/scale.md are made from docs/scale.json."""

from dataclasses import replace

import pytest

from tests.scale.figures import Run
from tests.scale.nodes import ZONE_OF
from tests.scale.page import FIGURES, PAGE, PICTURE, TITLE, UNITS, page, picture
from tests.scale.run import PHASES
from tests.scale.sampler import PANELS

AGAIN = "run `.venv/bin/python -m tests.scale.page`"


@pytest.fixture(scope="module")
def run() -> Run:
    return Run.read(FIGURES)


def test_picture_and_tables_are_made_from_the_figures(run: Run) -> None:
    text, drawn = PAGE.read_text(), picture(run)
    assert PICTURE.read_text() == drawn, f"docs/scale.svg is not of scale.json: {AGAIN}"
    assert page(text, run) == text, f"the tables of docs/scale.md are not of scale.json: {AGAIN}"
    other = replace(run, phases=run.phases[:-1], figures=run.figures[:-1])
    assert picture(other) != drawn, "another run looks alike"
    assert page(text, other) != text, "another run has the same tables"


def test_every_panel_and_phase_has_figures(run: Run) -> None:
    assert tuple(run.panels) == PANELS == tuple(UNITS), f"docs/scale.json: {list(run.panels)}"
    for panel, series in run.panels.items():
        assert series, f"docs/scale.json: {panel} is empty"
        assert all(series.values()), f"docs/scale.json: {panel} lacks points"
    names = [one.name for one in run.figures]
    assert names, "docs/scale.json has no phases"
    assert names == [name for name in PHASES if name in names], f"docs/scale.json: {names}"


def test_the_page_shows_the_picture_with_its_title_and_the_number_of_nodes() -> None:
    text = PAGE.read_text()
    assert f"![{TITLE}](scale.svg)" in text, f"docs/scale.md does not show {TITLE!r}"
    assert f"on {len(ZONE_OF)} simulated nodes" in text, f"docs/scale.md: {len(ZONE_OF)} nodes"
