"""Draws the story: `python -m tests.e2e.prometheus.story_picture` draws docs/story.svg anew."""

from tests.e2e.prometheus.story import STEP_SECONDS, Story
from tests.support import recording_picture
from tests.support.recording_picture import Look
from tests.support.repository import ROOT

FIGURES = ROOT / "docs" / "story.json"
PICTURE = ROOT / "docs" / "story.svg"
TITLE = "Ten minutes on the dashboard: load, more pods, a rollout, a blocked event loop"
UNITS = {
    "Requests": "per second",
    "Duration": "seconds",
    "Pods": "",
    "Requests by pod": "per second",
    "Connections": "",
    "CPU": "cores",
    "Event loop lag": "seconds, p99",
    "Blocked event loop": "blocks in 5 minutes",
}


def picture(story: Story) -> str:
    """Returns the whole file."""
    return recording_picture.picture(story, Look(TITLE, UNITS, 2 * STEP_SECONDS, _kind))


def _kind(name: str) -> str:
    """The same for all pods, which share a colour."""
    return "pods" if name.startswith("demo-") else name


if __name__ == "__main__":
    PICTURE.write_text(picture(Story.read(FIGURES)))
