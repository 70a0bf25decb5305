"""How many requests are answered in time, against how many arrive.

Each client gives up after a second and does not wait for the others. The server has one core and
the load has another.
"""

import asyncio
import os
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from statistics import median, quantiles

from bench.line_chart import Line, LineChart
from bench.pinned import pinned
from bench.record import Findings, Table
from tests.support.load import load
from tests.support.open_loop import Arrivals, arrive
from tests.support.serving import REFERENCE, Served, serving

FACTORS = (0.8, 1.3, 2, 5)
PATH = "/work?ms=20"
PATIENCE_SECONDS = 1.0
SECONDS = 3.0
# At 1.3 times the capacity, the queue of plain uvicorn takes 3.3 s to grow as long as the patience.
WARM_UP_SECONDS = 4.0
LIMIT = "--max-wait-seconds=0.3"
PLAIN = ("--loop=uvloop", "--http=httptools", "--no-access-log")
POD = "uvicorn-pod"
BARE = "plain uvicorn"
SERVERS = {POD: ("uvicorn_pod", LIMIT), BARE: ("uvicorn", *PLAIN)}
OUTCOMES = {"in time": "200", "503": "503", "gave up": "gave up"}
CAPACITY_CLIENTS = 4
CAPACITY_SECONDS, CAPACITY_WARM_UP_SECONDS = 2.0, 0.5
LATE_MS = 50


@dataclass(frozen=True)
class Point:
    """What became of the requests of one rate of arrivals."""

    factor: float
    arrivals_per_second: float
    per_second: dict[str, dict[str, float]]
    """For each server: requests per second by status, `gave up`, or the name of an error."""
    late_ms: float
    """99th percentile of the delay with which the load sent its requests."""

    def row(self) -> list[str]:
        """The cells of the table."""
        figures = [
            found.get(outcome, 0.0)
            for found in (self.per_second[server] for server in SERVERS)
            for outcome in OUTCOMES.values()
        ]
        name = f"{self.factor:g} times, {self.arrivals_per_second:.1f}/s"
        return [name, *(f"{figure:.1f}" for figure in figures), f"{self.late_ms:.1f} ms"]

    def good(self, server: str) -> float:
        """Answers with status 200 in time, per second."""
        return self.per_second[server].get("200", 0.0)


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
    """Answers per second to clients that wait for each other: the median of three windows."""
    windows = []
    with load(served.port, PATH, CAPACITY_CLIENTS) as tally:
        time.sleep(CAPACITY_WARM_UP_SECONDS)
        for _ in range(3):
            before, started = tally["200"], time.monotonic()
            time.sleep(seconds)
            windows.append((tally["200"] - before) / (time.monotonic() - started))
    return median(windows)


def measure() -> Findings:
    """Takes about 70 seconds."""
    with on_one_core(*SERVERS[BARE]) as served:
        most = capacity(served, CAPACITY_SECONDS)
    return findings(most, [_point(factor, most) for factor in FACTORS])


def findings(most: float, points: list[Point]) -> Findings:
    """The table, the picture and the conclusions. `most` is the capacity in answers per second."""
    columns = [f"{server}: {name}/s" for server in SERVERS for name in OUTCOMES]
    title = f"GET {PATH}: capacity {most:.1f} requests/s; clients wait {PATIENCE_SECONDS:g} s"
    rows = [point.row() for point in points]
    counts = {
        f"{server} answers at least half of the capacity in time at": (
            ", ".join(f"{each.factor:g}" for each in points if each.good(server) >= most / 2)
            + " times the capacity"
        )
        for server in SERVERS
    }
    if late := [f"{point.factor:g} times" for point in points if point.late_ms > LATE_MS]:
        counts["the load was late, so these rows prove nothing"] = ", ".join(late)
    return Findings(
        [Table(title, ["arrivals", *columns, "load late, p99"], rows)],
        _chart(most, points),
        counts=counts,
    )


def _point(factor: float, most: float) -> Point:
    found = {server: _arrivals(server, factor * most) for server in SERVERS}
    late = max(quantiles(each.delays, n=100)[98] for each in found.values())
    per_second = {
        server: {outcome: number / SECONDS for outcome, number in each.outcomes.items()}
        for server, each in found.items()
    }
    return Point(factor, factor * most, per_second, late * 1e3)


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


def _chart(most: float, points: list[Point]) -> LineChart:
    last = points[-1]
    return LineChart(
        title=f"At {last.factor:g} times the capacity, {POD} answers {last.good(POD):.0f} "
        f"requests/s in time, {BARE} {last.good(BARE):.0f}",
        x_title=f"arriving requests per second, in multiples of the capacity ({most:.0f}/s)",
        y_title=f"answers per second with status 200 within {PATIENCE_SECONDS:g} s",
        x_unit="×",  # noqa: RUF001 - the sign of a multiple
        lines=tuple(
            Line(server, {point.factor: round(point.good(server), 2) for point in points})
            for server in SERVERS
        ),
        level=Line("capacity", {point.factor: round(most, 1) for point in points}),
    )
