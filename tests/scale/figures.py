"""The figures of a run: what each phase took, and what the control plane did in it."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from tests.scale.control_plane import Work
from tests.support.recording import Phase, Recording


@dataclass(frozen=True)
class PhaseFigures:
    """One phase, up to the moment at which every wanted pod was ready."""

    name: str
    seconds: float
    least_ready: int
    """The fewest ready pods at any time of the phase."""
    least_allowed: int
    """What the PodDisruptionBudget demanded; zero without one."""
    node_skew: int
    """Most minus fewest pods over the nodes that take pods, at the end."""
    zone_skew: int
    watch_gaps: int
    """How often the watch of the pods began anew. Without a gap, it missed no moment."""
    work: Work


@dataclass(frozen=True)
class Run(Recording):
    """A whole run, with its recording."""

    figures: list[PhaseFigures]
    steps: list[tuple[float, int]]
    """Second of the scale-out → the pods that the HPA wanted from then on."""
    skew_without_constraints: tuple[int, int]
    """The control: skew over nodes and zones of pods without spread constraints."""
    cores: int
    """Of the machine that the run shared with kwok, the tests and the kernel."""

    @classmethod
    def read(cls, path: Path) -> Self:
        """Reads what `write` has written."""
        found = json.loads(path.read_text())
        figures = [PhaseFigures(**one | {"work": Work(**one["work"])}) for one in found["figures"]]
        return cls(
            [Phase(**one) for one in found["phases"]],
            found["panels"],
            figures,
            [(second, pods) for second, pods in found["steps"]],
            tuple(found["skew_without_constraints"]),
            found["cores"],
        )

    def of(self, name: str) -> PhaseFigures:
        """Returns the figures of a phase."""
        return next(one for one in self.figures if one.name == name)
