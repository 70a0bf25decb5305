"""Throughput and latencies of the five servers, with three kinds of handlers.

Two processes of one server can differ by more than two servers do. So every round has new ones.
What else runs on the machine halves the throughput of single windows. So servers are compared by
their CPU time, and a table shows the throughput.
"""

from collections import Counter
from contextlib import ExitStack
from dataclasses import dataclass, field
from statistics import median
from typing import Any

import uvloop

from bench import fixed_rate, rates, wrk
from bench.bar_chart import Bar, BarChart, Group
from bench.containers import Container, versions
from bench.cpu_time import cpu_seconds
from bench.five_servers import IMAGE, OURS, PACKAGES, SERVERS
from bench.fixed_rate import Latencies, percentile
from bench.pinned import pinned
from bench.record import Comparison, Findings, Table
from bench.rounds import ratios
from bench.served import CLIENT_CORE, served

PATHS = ("/async", "/async?ms=10", "/sync")
ROUNDS = 5
SECONDS, LATENCY_SECONDS = 1, 0.5
"""Of each server and route in each round."""
WARM_UP_SECONDS, WARM_UP_PER_SECOND = 0.25, 1000
SHARE_OF_SLOWEST = 0.6
MOST_PER_SECOND = 2000
"""Above this rate the client itself would add to the latencies."""


def _of_each_server() -> dict[str, list[Any]]:
    return {server.name: [] for server in SERVERS}


@dataclass
class Kind:
    """What was measured with one kind of handler, of each server in each round."""

    path: str
    runs: dict[str, list[wrk.Measured]] = field(default_factory=_of_each_server)
    cpu_seconds: dict[str, list[float]] = field(default_factory=_of_each_server)
    """CPU time of the server for a request, in each round."""
    per_second: float = 0
    """The rate at which latencies are measured: the same for all servers, by the first round."""
    latencies: dict[str, list[Latencies]] = field(default_factory=_of_each_server)

    def rates(self, name: str) -> list[float]:
        """Requests per second in each round."""
        return [run.rate for run in self.runs[name]]

    def failures(self, name: str) -> list[str]:
        """What wrk and the client with the fixed rate say of requests that failed."""
        outcomes: Counter[str] = sum((each.outcomes for each in self.latencies[name]), Counter())
        del outcomes["200"]
        return [
            *(f"full load: {run.failures}" for run in self.runs[name] if run.failures),
            *(f"fixed rate: {how} ({number})" for how, number in outcomes.items()),
        ]


def measure() -> Findings:
    """Takes two and a half minutes."""
    IMAGE.build()
    kinds = [Kind(path) for path in PATHS]
    for number in range(ROUNDS):
        print(f"  round {number + 1} of {ROUNDS}", flush=True)
        order = SERVERS[number:] + SERVERS[:number]
        with ExitStack() as stack:
            stack.enter_context(pinned(CLIENT_CORE))
            running = {one.name: stack.enter_context(served(one)) for one in order}
            for kind in kinds:
                _add_round(kind, running)
    failed = _failed(kinds)
    return Findings(
        tables=[_throughput(kinds), _latency(kinds), *failed],
        chart=_chart(kinds),
        comparisons=[_compared(kind, name) for kind in kinds for name in _others()],
        counts={"servers with failed requests": _names_of(failed)},
        versions=versions(IMAGE.reference, PACKAGES),
    )


def _add_round(kind: Kind, running: dict[str, Container]) -> None:
    for container in running.values():
        _latencies(container.port, kind.path, WARM_UP_PER_SECOND, WARM_UP_SECONDS)
    for name, container in running.items():
        processes = container.processes()
        before = sum(map(cpu_seconds, processes))
        run = wrk.measure(container.port, kind.path, seconds=SECONDS)
        kind.runs[name].append(run)
        used = sum(map(cpu_seconds, processes)) - before
        kind.cpu_seconds[name].append(used / (run.rate * SECONDS))
    if not kind.per_second:
        slowest = min(run.rate for (run,) in kind.runs.values())
        kind.per_second = min(SHARE_OF_SLOWEST * slowest // 100 * 100, MOST_PER_SECOND)
    for name, container in running.items():
        found = _latencies(container.port, kind.path, kind.per_second, LATENCY_SECONDS)
        kind.latencies[name].append(found)


def _latencies(port: int, path: str, per_second: float, seconds: float) -> Latencies:
    return uvloop.run(fixed_rate.measure(port, path, per_second=per_second, seconds=seconds))


def _others() -> list[str]:
    return [server.name for server in SERVERS if server.name != OURS]


def _compared(kind: Kind, name: str) -> Comparison:
    what = f"CPU per request on `{kind.path}`: {OURS} against {name}"
    return Comparison.of(what, ratios(kind.cpu_seconds[OURS], kind.cpu_seconds[name]))


def _throughput(kinds: list[Kind]) -> Table:
    busy = [max(run.busy for runs in kind.runs.values() for run in runs) for kind in kinds]
    return Table(
        f"Requests per second, median of {ROUNDS} rounds of {SECONDS} s with 64 connections",
        ["server", *(f"`{kind.path}`" for kind in kinds)],
        [
            *([name, *(rates.said(kind.rates(name)) for kind in kinds)] for name in kinds[0].runs),
            ["the client's core was busy, at most", *(f"{share:.0%}" for share in busy)],
        ],
    )


def _latency(kinds: list[Kind]) -> Table:
    """The last row is the client's own delay, which is part of the latencies above it."""
    rows = [
        [name, *(_percentiles([run.seconds for run in kind.latencies[name]]) for kind in kinds)]
        for name in kinds[0].latencies
    ]
    late = [[run.late_seconds for runs in k.latencies.values() for run in runs] for k in kinds]
    return Table(
        f"Latency in ms at a fixed rate of requests, p50 and p99, each the median of {ROUNDS} "
        f"rounds of {LATENCY_SECONDS} s",
        ["server", *(f"`{kind.path}`, {kind.per_second:,.0f}/s" for kind in kinds)],
        [*rows, ["delay of the client itself", *(_percentiles(each) for each in late)]],
    )


def _percentiles(rounds: list[list[float]]) -> str:
    """Two percentiles, each the median of the rounds that have answers."""
    answered = [seconds for seconds in rounds if len(seconds) > 1]
    if not answered:
        return "no answers"
    middle, high = (
        median(percentile(seconds, percent) * 1e3 for seconds in answered) for percent in (50, 99)
    )
    return f"{middle:.2f} and {high:.2f}"


def _failed(kinds: list[Kind]) -> list[Table]:
    """A table of failures, if there are any."""
    rows = [
        [name, f"`{kind.path}`", "; ".join(failures)]
        for kind in kinds
        for name in kind.runs
        if (failures := kind.failures(name))
    ]
    return [Table("Requests that failed", ["server", "route", "what"], rows)] if rows else []


def _names_of(failed: list[Table]) -> str:
    return ", ".join(sorted({row[0] for table in failed for row in table.rows})) or "none"


def _chart(kinds: list[Kind]) -> BarChart:
    return BarChart(
        _title(kinds[0]),
        f"requests per second on one core: median and quartiles of {ROUNDS} rounds",
        [Group(kind.path, _bars(kind)) for kind in kinds],
    )


def _bars(kind: Kind) -> list[Bar]:
    return [rates.bar(name, kind.rates(name), is_ours=name == OURS) for name in kind.runs]


def _title(kind: Kind) -> str:
    """Names the slowest server, the fastest and uvicorn-pod, which may be one of these."""
    medians = {server.name: median(kind.rates(server.name)) for server in SERVERS}
    shown = {min(medians, key=medians.__getitem__), OURS, max(medians, key=medians.__getitem__)}
    first, *others = sorted(shown, key=medians.__getitem__)
    rest = " and ".join(f"{name} {medians[name]:,.0f}" for name in others)
    return f"On {kind.path}, {first} answers {medians[first]:,.0f} requests/s, {rest}"
