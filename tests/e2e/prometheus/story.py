"""What the dashboard shows of load, of more pods, of a rollout and of a blocked event loop."""

import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import Self

from tests.e2e.prometheus.observed import panels_of
from tests.e2e.prometheus.queries import query_range
from tests.e2e.release import FULL_NAME, Release
from tests.support.load import load
from tests.support.prober import probing

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

Points = list[tuple[float, float]]


@dataclass(frozen=True)
class Phase:
    """A part of the story, in seconds since its begin."""

    name: str
    begin: float
    end: float


@dataclass(frozen=True)
class Story:
    """The phases, and the answers to each panel's queries: panel → series → (second, value)."""

    phases: list[Phase]
    panels: dict[str, dict[str, Points]]

    @classmethod
    def read(cls, path: Path) -> Self:
        """Reads what `write` has written."""
        found = json.loads(path.read_text())
        return cls([Phase(**one) for one in found["phases"]], found["panels"])

    def write(self, path: Path) -> None:
        """Writes everything as JSON, one series in each line."""
        text = json.dumps(asdict(self))
        for mark in ("}, {", '}, "', ']], "'):
            text = text.replace(mark, mark.replace(" ", "\n", 1))
        path.write_text(text + "\n")

    def values(self, panel: str, phase: str, series: str = "") -> list[float]:
        """The values of a panel's series whose names begin with `series`, during a phase."""
        during = next(one for one in self.phases if one.name == phase)
        return [
            value
            for name, points in self.panels[panel].items()
            if name.startswith(series)
            for second, value in points
            if during.begin <= second <= during.end
        ]


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
