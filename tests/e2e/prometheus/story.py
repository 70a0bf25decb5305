"""What the dashboard shows of load, of more pods, of a rollout and of a blocked event loop."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial

from tests.e2e.prometheus.observed import panels_of
from tests.e2e.prometheus.queries import query_range
from tests.e2e.release import FULL_NAME, Release
from tests.support.load import load
from tests.support.prober import probing
from tests.support.recording import Phase, Points, Recording

STEP_SECONDS = 5
MOST_SECONDS = 900
# Path and clients.
WORK = ("/work?ms=20", 6)
BLOCKS = ("/block", 1)
PANELS = (
    "Requests",
    "Duration",
    "Pods",
    "Requests by pod",
    "Connections",
    "CPU",
    "Event loop lag",
    "Blocked event loop",
)
"""The panels of the dashboard that tell the story, in its order."""


class Story(Recording):
    """The phases, and the answers to each panel's queries."""


def play(release: Release) -> Story:
    """Plays the story in ten minutes, under the eyes of a Prometheus that scrapes the release."""
    port = release.port
    assert port is not None, f"the release in {release.namespace} has no port"
    parts: tuple[tuple[str, float, Callable[[], object]], ...] = (
        ("quiet", 60, lambda: None),
        ("load", 180, lambda: None),
        ("rollout", 90, partial(_roll_out, release)),
        ("blocked", 90, lambda: None),
        ("quiet again", 180, lambda: None),
    )
    phases = []
    began = time.time()
    with probing(port, kept=1, fresh=1, seconds=MOST_SECONDS):
        for name, seconds, act in parts:
            begin = time.time() - began
            with _load_of(name, port):
                act()
                time.sleep(max(0, seconds - (time.time() - began - begin)))
            phases.append(Phase(name, round(begin), round(time.time() - began)))
    ended = began + phases[-1].end
    queries = panels_of(release)
    return Story(phases, {panel: _answers(queries[panel], began, ended) for panel in PANELS})


@contextmanager
def _load_of(phase: str, port: int) -> Iterator[None]:
    loads = {"load": WORK, "rollout": WORK, "blocked": BLOCKS}
    if phase not in loads:
        yield
        return
    with load(port, *loads[phase]):
        yield


def _roll_out(release: Release) -> None:
    release.kubectl("rollout", "restart", f"deployment/{FULL_NAME}")
    release.kubectl("rollout", "status", f"deployment/{FULL_NAME}", "--timeout=120s")


def _answers(queries: dict[str, str], begin: float, end: float) -> dict[str, Points]:
    found: dict[str, Points] = {}
    for legend, expression in queries.items():
        for series in query_range(expression, begin, end, STEP_SECONDS):
            found[_named(legend, series["metric"])] = [
                (round(float(moment) - begin), float(f"{float(value):.4g}"))
                for moment, value in series["values"]
                if value != "NaN"
            ]
    return found


def _named(legend: str, labels: dict[str, str]) -> str:
    for label, value in labels.items():
        legend = legend.replace(f"{{{{{label}}}}}", value)
    return legend
