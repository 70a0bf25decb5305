"""What one bench found out: figures, comparisons, a picture, and where they were measured."""

import os
import platform
from dataclasses import dataclass, field
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from statistics import median, quantiles
from typing import Self

from pydantic import TypeAdapter

from bench.bar_chart import BarChart
from bench.line_chart import LineChart
from tests.support.repository import ROOT

FOLDER = ROOT / "docs" / "bench"
PACKAGES = (
    "fastapi", "httptools", "starlette", "uvicorn", "uvloop", "zlib-ng", "isal", "brotli",
    "backports.zstd", "orjson", "opentelemetry-sdk",
)  # fmt: skip
HIGHER, LOWER, UNCLEAR = "higher", "lower", "no conclusion"
LEAST_FACTOR = 1.2
"""A smaller difference changes from one run to the next: one of 1.12 was 1.18 in another run."""


@dataclass(frozen=True)
class Table:
    """A table of the page. Its first column names the rows, and all others hold figures."""

    title: str
    columns: list[str]
    rows: list[list[str]]

    def markdown(self) -> str:
        """Returns the table with its title above it."""
        rule = ["---", *["---:"] * (len(self.columns) - 1)]
        lines = [f"| {' | '.join(cells)} |" for cells in (self.columns, rule, *self.rows)]
        return "\n".join([f"{self.title}:", "", *lines, ""])


@dataclass(frozen=True)
class Comparison:
    """The median of ratios, each of two measurements that were made next to each other."""

    what: str
    """What was divided by what, for example `requests/s on /: uvicorn-pod against hypercorn`."""
    ratio: float
    low: float
    high: float
    """The quartiles of the ratios."""

    @classmethod
    def of(cls, what: str, ratios: list[float]) -> Self:
        """Compares by at least two ratios."""
        low, _, high = quantiles(ratios, n=4, method="inclusive")
        return cls(what, *(round(figure, 3) for figure in (median(ratios), low, high)))

    @property
    def verdict(self) -> str:
        """A conclusion needs quartiles on one side of 1, and a median that another run finds."""
        if self.low <= 1 <= self.high or max(self.ratio, 1 / self.ratio) < LEAST_FACTOR:
            return UNCLEAR
        return HIGHER if self.ratio > 1 else LOWER

    def said(self) -> str:
        """The comparison in one phrase."""
        figures = f"{self.ratio:.2f} times ({self.low:.2f} to {self.high:.2f})"
        return f"{self.what}: {self.verdict}, {figures}"


@dataclass(frozen=True)
class Findings:
    """What a bench returns."""

    tables: list[Table]
    chart: BarChart | LineChart | None = None
    comparisons: list[Comparison] = field(default_factory=list)
    counts: dict[str, str] = field(default_factory=dict)
    """Conclusions that are not ratios, such as {"uvicorn-pod in a rollout": "loses no request"}."""
    versions: dict[str, str] = field(default_factory=dict)
    """Versions of what ran in containers."""

    def conclusions(self) -> dict[str, str]:
        """Returns what a second run must find again; it holds no figures."""
        return {one.what: one.verdict for one in self.comparisons} | self.counts


@dataclass(frozen=True)
class Machine:
    """Where a bench ran."""

    cpu: str
    cores: int
    kernel: str
    python: str
    """The version that ran the bench. Servers in containers have that of the image."""
    packages: dict[str, str]

    @classmethod
    def this(cls) -> Self:
        """Returns this machine. A package that is not installed has the version `none`."""
        return cls(
            _cpu(),
            os.cpu_count() or 1,
            platform.release(),
            platform.python_version(),
            {name: _version(name) for name in PACKAGES},
        )


@dataclass(frozen=True)
class Record:
    """One run of one bench."""

    bench: str
    date: str
    seconds: float
    machine: Machine
    findings: Findings

    @classmethod
    def new(cls, bench: str, seconds: float, findings: Findings) -> Self:
        """Records findings of today, on this machine."""
        today = datetime.now(UTC).date().isoformat()
        return cls(bench, today, round(seconds, 1), Machine.this(), findings)

    @staticmethod
    def read(bench: str, folder: Path = FOLDER) -> "Record":
        """Reads what `write` has written; raises FileNotFoundError if it has not."""
        return _AS_JSON.validate_json((folder / f"{bench}.json").read_bytes())

    def write(self, folder: Path = FOLDER) -> None:
        """Writes the figures as JSON, and the picture next to them."""
        folder.mkdir(parents=True, exist_ok=True)
        (folder / f"{self.bench}.json").write_bytes(_AS_JSON.dump_json(self, indent=1) + b"\n")
        if self.findings.chart is not None:
            (folder / f"{self.bench}.svg").write_text(self.findings.chart.svg())

    def changed(self, before: "Record") -> list[str]:
        """Returns a sentence for each conclusion that another run did not draw."""
        old, new = before.findings.conclusions(), self.findings.conclusions()
        return [
            f"{what}: {new.get(what, 'not measured')}, before: {old.get(what, 'not measured')}"
            for what in {**old, **new}
            if old.get(what) != new.get(what)
        ]


_AS_JSON = TypeAdapter(Record)


def _cpu() -> str:
    lines = Path("/proc/cpuinfo").read_text().splitlines()
    named = (line.partition(": ")[2] for line in lines if line.startswith("model name"))
    return next(named, platform.machine())


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "none"
