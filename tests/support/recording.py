"""What a long test has seen over time, as JSON."""

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Self

Points = list[tuple[float, float]]


@dataclass(frozen=True)
class Phase:
    """A part of a recording, in seconds since its begin."""

    name: str
    begin: float
    end: float


@dataclass(frozen=True)
class Recording:
    """The phases of a test, and what was seen in them: panel → series → (second, value)."""

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
