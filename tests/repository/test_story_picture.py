"""docs/story.svg is drawn from the answers in docs/story.json."""

from dataclasses import replace

import pytest

from tests.e2e.prometheus.story import PANELS, Story
from tests.e2e.prometheus.story_picture import FIGURES, PICTURE, TITLE, UNITS, picture
from tests.support.repository import ROOT


@pytest.fixture(scope="module")
def story() -> Story:
    return Story.read(FIGURES)


def test_the_picture_is_drawn_from_the_answers_next_to_it(story: Story) -> None:
    drawn = picture(story)
    again = "run `python -m tests.e2e.prometheus.story_picture`"
    assert PICTURE.read_text() == drawn, f"docs/story.svg is not drawn from story.json: {again}"
    assert picture(replace(story, phases=story.phases[:-1])) != drawn, "another story looks alike"


def test_every_panel_has_answers(story: Story) -> None:
    assert tuple(story.panels) == PANELS == tuple(UNITS), f"docs/story.json: {list(story.panels)}"
    for panel, series in story.panels.items():
        assert any(series.values()), f"docs/story.json: {panel} has no answers"


def test_the_document_shows_the_picture_with_its_title() -> None:
    assert f"![{TITLE}](story.svg)" in (ROOT / "docs" / "chart.md").read_text()
