"""Ten minutes of load, a rollout and a blocked loop, as the dashboard's own queries show them.

With `STORY=docs` it writes the answers to docs/story.json and draws docs/story.svg from them.
"""

import os
from collections.abc import Callable
from statistics import mean
from typing import Any

import pytest

from tests.e2e.conftest import Install
from tests.e2e.prometheus.observed import VALUES, monitored, observed
from tests.e2e.prometheus.story import Story, play
from tests.e2e.prometheus.story_picture import FIGURES, PICTURE, picture

pytestmark = [pytest.mark.quiet, pytest.mark.long]

PORT = 8087
MOST_PODS = 4
STORY_VALUES: dict[str, Any] = VALUES | {
    "drainSeconds": 6,
    "resources": {"requests": {"cpu": "100m", "memory": "160Mi"}},
    # Ten minutes are too short for the default, which waits five of them before it removes a pod.
    "autoscaling": {
        "minReplicas": 1,
        "maxReplicas": MOST_PODS,
        "behavior": {"scaleDown": {"stabilizationWindowSeconds": 30}},
    },
}


def test_the_dashboard_tells_what_happens(
    install: Install, restricted_namespace: Callable[[str], str]
) -> None:
    values = STORY_VALUES | monitored("podMonitor")
    with observed(install, restricted_namespace, ("story", PORT, values)) as (release,):
        story = play(release)
    judge(story)
    if os.environ.get("STORY") == "docs":
        story.write(FIGURES)
        PICTURE.write_text(picture(story))


def judge(story: Story) -> None:
    """Asserts that the panels show each part of the story."""
    quiet, loaded = (mean(story.values("Requests", phase, "2xx")) for phase in ("quiet", "load"))
    assert loaded > 1.5 * quiet, f"Requests: {loaded}/s under load, {quiet}/s before"

    running = story.values("Pods", "load", "running")
    assert running[0] < MOST_PODS == max(running), f"Pods: running {running} under load"
    draining = story.values("Pods", "rollout", "draining")
    assert max(draining) > 0, f"Pods: draining {draining} in the rollout"

    blocked, before = (story.values("Blocked event loop", phase) for phase in ("blocked", "quiet"))
    assert max(blocked) >= max(before) + 4, f"Blocked event loop: {blocked}, quiet {before}"
    lag, before = (story.values("Event loop lag", phase) for phase in ("blocked", "quiet"))
    assert max(lag) > 2 * max(before), f"Event loop lag: {lag}, quiet {before}"

    running = story.values("Pods", "quiet again", "running")
    assert running[-1] < MOST_PODS, f"Pods: running {running} after the load"
