"""How many requests are answered in time, against how many arrive.

Each client gives up after a second and does not wait for the others. The server has one core and
the load has another. `PYTHONPATH=app python -m bench.overload` also draws docs/overload.svg.
"""

import asyncio
import json
import os
import platform
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from statistics import quantiles
from typing import Self

import uvicorn

from bench.line_chart import Line, LineChart
from bench.pinned import pinned
from tests.support.load import load
from tests.support.open_loop import Arrivals, arrive
from tests.support.repository import ROOT
from tests.support.serving import REFERENCE, Served, serving

FACTORS = (0.5, 0.8, 1, 1.3, 2, 3, 5, 10)
PATH = "/work?ms=20"
PATIENCE_SECONDS = 1.0
SECONDS = 4.0
# At 1.3 times the capacity, the queue of plain uvicorn takes 3.3 s to grow as long as the patience.
WARM_UP_SECONDS = 4.0
LIMIT = "--max-wait-seconds=0.3"
PLAIN = ("--loop=uvloop", "--http=httptools", "--no-access-log")
POD = "uvicorn-pod"
BARE = "plain uvicorn"
SERVERS = {POD: ("uvicorn_pod", LIMIT), BARE: ("uvicorn", *PLAIN)}
CAPACITY_CLIENTS = 4
CAPACITY_WARM_UP_SECONDS = 0.5
LATE_SECONDS = 0.05


@dataclass(frozen=True)
class Point:
    """What became of the requests of one rate of arrivals."""

    factor: float
    arrivals_per_second: float
    outcomes: dict[str, dict[str, int]]
    """For each server: the number by status, `gave up`, or the name of an error."""
    late_ms: float
    """99th percentile of the delay with which the load sent its requests."""


@dataclass(frozen=True)
class Figures:
    """One run of this bench."""

    date: str
    cores: int
    python: str
    uvicorn: str
    servers: dict[str, list[str]]
    path: str
    capacity_per_second: float
    patience_seconds: float
    seconds: float
    points: list[Point]

    @classmethod
    def read(cls, path: Path) -> Self:
        """Reads what `write` has written."""
        found = json.loads(path.read_text())
        return cls(**{**found, "points": [Point(**point) for point in found["points"]]})

    def write(self, path: Path) -> None:
        """Writes all figures as JSON."""
        path.write_text(json.dumps(asdict(self), indent=2) + "\n")

    def per_second(self, server: str, point: Point, outcome: str = "200") -> float:
        """Requests of this outcome per second."""
        return point.outcomes[server].get(outcome, 0) / self.seconds


@contextmanager
def on_one_core(module: str, *options: str) -> Iterator[Served]:
    """Runs the reference app on the first core; the clients keep to the last."""
    last = max(os.sched_getaffinity(0) - {0})
    with ExitStack() as stack:
        with pinned(0):
            served = stack.enter_context(serving(REFERENCE, *options, module=module))
        with pinned(last):
            yield served


def capacity(served: Served, seconds: float) -> float:
    """Answers per second to clients that wait for each other."""
    with load(served.port, PATH, CAPACITY_CLIENTS) as tally:
        time.sleep(CAPACITY_WARM_UP_SECONDS)
        before, started = tally["200"], time.monotonic()
        time.sleep(seconds)
        return (tally["200"] - before) / (time.monotonic() - started)


def _arrivals(server: str, per_second: float) -> Arrivals:
    """Each rate has a fresh server: the queue of the last one may be minutes long."""
    with on_one_core(*SERVERS[server]) as served:
        return asyncio.run(
            arrive(
                served.port,
                PATH,
                per_second,
                SECONDS,
                PATIENCE_SECONDS,
                warm_up_seconds=WARM_UP_SECONDS,
            )
        )


def _point(factor: float, most: float) -> Point:
    found = {server: _arrivals(server, factor * most) for server in SERVERS}
    late = max(quantiles(each.delays, n=100)[98] for each in found.values())
    outcomes = {server: dict(each.outcomes) for server, each in found.items()}
    return Point(factor, round(factor * most, 1), outcomes, round(late * 1e3, 1))


def measure() -> Figures:
    """Takes about three minutes."""
    with on_one_core(*SERVERS[BARE]) as served:
        most = capacity(served, SECONDS)
    return Figures(
        date=datetime.now(UTC).date().isoformat(),
        cores=os.cpu_count() or 1,
        python=platform.python_version(),
        uvicorn=uvicorn.__version__,
        servers={server: list(command) for server, command in SERVERS.items()},
        path=PATH,
        capacity_per_second=round(most, 1),
        patience_seconds=PATIENCE_SECONDS,
        seconds=SECONDS,
        points=[_point(factor, most) for factor in FACTORS],
    )


def title(figures: Figures) -> str:
    """The picture as one sentence."""
    last = figures.points[-1]
    ours, theirs = (figures.per_second(server, last) for server in (POD, BARE))
    return (
        f"At {last.factor:g} times the capacity, {POD} answers {ours:.0f} requests/s in time, "
        f"{BARE} {theirs:.0f}"
    )


def picture(figures: Figures) -> str:
    """The figures as SVG."""
    most = figures.capacity_per_second
    lines = (
        Line(server, {each.factor: figures.per_second(server, each) for each in figures.points})
        for server in figures.servers
    )
    return LineChart(
        title=title(figures),
        x_title=f"arriving requests per second, in multiples of the capacity ({most:.0f}/s)",
        y_title=f"answers per second with status 200 within {figures.patience_seconds:g} s",
        x_unit="×",  # noqa: RUF001 - the sign of a multiple
        lines=tuple(lines),
        level=Line("capacity", {each.factor: most for each in figures.points}),
    ).svg()


def _report(figures: Figures) -> None:
    print(
        f"\nGET {PATH}: capacity {figures.capacity_per_second}/s, clients give up after "
        f"{PATIENCE_SECONDS:g} s"
    )
    print(f"{'':21}" + "".join(f"{server:>27}" for server in SERVERS))
    print(
        "    arrivals         " + "   in time    503  gave up" * len(SERVERS) + "   load late, p99"
    )
    for point in figures.points:
        row = f"  {point.factor:5g}x {point.arrivals_per_second:9.1f}/s "
        for server in SERVERS:
            good, refused, lost = (
                figures.per_second(server, point, outcome) for outcome in ("200", "503", "gave up")
            )
            row += f"{good:10.1f} {refused:6.1f} {lost:8.1f}"
        print(f"{row} {point.late_ms:13.1f} ms")
        if point.late_ms > LATE_SECONDS * 1e3:
            print("    the load was late: it was the bottleneck, so this row proves nothing")


def main(folder: Path | None = None) -> None:
    """Prints a table, and writes overload.json and overload.svg into `folder`."""
    figures = measure()
    _report(figures)
    if folder is not None:
        figures.write(folder / "overload.json")
        (folder / "overload.svg").write_text(picture(figures))


if __name__ == "__main__":
    main(ROOT / "docs")
