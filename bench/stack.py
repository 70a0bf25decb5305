"""uvicorn with uvloop and httptools against asyncio and h11, which are pure Python.

Both run the reference app, whose answer to `/` is small and whose `/catalog` has 900 KB.
"""

from contextlib import ExitStack
from functools import partial

from bench import rates, wrk
from bench.bar_chart import Bar, BarChart, Group
from bench.containers import versions
from bench.five_servers import IMAGE, Server
from bench.pinned import pinned
from bench.record import UNCLEAR, Comparison, Findings, Table
from bench.rounds import interleaved, ratios
from bench.served import CLIENT_CORE, served
from tests.support.serving import REFERENCE

ROUNDS = 6
SECONDS = 1
BUSY_CLIENT = 0.9  # of its core
PATHS = ("/", "/catalog")
FAST, PURE = "uvloop + httptools", "asyncio + h11"
UVICORN = ("uvicorn", REFERENCE, "--host=0.0.0.0", "--port={port}", "--no-access-log")
SIDES = (
    Server(FAST, (*UVICORN, "--loop=uvloop", "--http=httptools")),
    Server(PURE, (*UVICORN, "--loop=asyncio", "--http=h11")),
)
PACKAGES = ("uvicorn", "uvloop", "httptools", "h11", "fastapi")

Runs = dict[str, list[wrk.Measured]]


def measure() -> Findings:
    """Takes 30 seconds."""
    IMAGE.build()
    with ExitStack() as stack:
        stack.enter_context(pinned(CLIENT_CORE))
        # The first request for the catalog makes it, so it is sent before the measurement.
        ports = {
            side.name: stack.enter_context(served(side, path="/catalog")).port for side in SIDES
        }
        for port in ports.values():
            wrk.measure(port, "/", seconds=SECONDS)
        runs = {path: _runs(ports, path) for path in PATHS}
    compared = {
        path: _compared(path, each) for path, each in runs.items() if _busy(each) < BUSY_CLIENT
    }
    return Findings(
        tables=[_table(runs)],
        chart=_chart(runs, compared),
        comparisons=list(compared.values()),
        counts={
            f"requests/s on `{path}`": "wrk had no time left, so nothing is compared"
            for path in PATHS
            if path not in compared
        },
        versions=versions(IMAGE.reference, PACKAGES),
    )


def _runs(ports: dict[str, int], path: str) -> Runs:
    print(f"  {path} in {ROUNDS} rounds", flush=True)
    sides = {
        name: partial(wrk.measure, port, path, seconds=SECONDS) for name, port in ports.items()
    }
    return interleaved(ROUNDS, sides)


def _busy(runs: Runs) -> float:
    return max(run.busy for found in runs.values() for run in found)


def _rates(runs: list[wrk.Measured]) -> list[float]:
    return [run.rate for run in runs]


def _compared(path: str, runs: Runs) -> Comparison:
    what = f"requests/s on `{path}`: {FAST} against {PURE}"
    return Comparison.of(what, ratios(_rates(runs[FAST]), _rates(runs[PURE])))


def _table(runs: dict[str, Runs]) -> Table:
    """Also says how busy the client was: at 100 % the server could answer more."""
    rows = [
        [f"`{path}`, {name}", rates.said(_rates(found)), f"{max(run.busy for run in found):.0%}"]
        for path, sides in runs.items()
        for name, found in sides.items()
    ]
    return Table(
        f"Median of {ROUNDS} rounds of {SECONDS} s with 64 connections",
        ["route, event loop and parser", "requests/s", "client busy, at most"],
        rows,
    )


def _chart(runs: dict[str, Runs], compared: dict[str, Comparison]) -> BarChart:
    said = " and ".join(f"{_times(one)} on {path}" for path, one in compared.items())
    return BarChart(
        f"uvloop and httptools answer {said or 'more than wrk can ask for'}",
        f"requests per second: median and quartiles of {ROUNDS} rounds",
        [Group(path, _bars(sides)) for path, sides in runs.items()],
    )


def _bars(sides: Runs) -> list[Bar]:
    return [rates.bar(name, _rates(sides[name]), is_ours=name == FAST) for name in sides]


def _times(compared: Comparison) -> str:
    if compared.verdict == UNCLEAR:
        return "about as many requests"
    return f"{compared.ratio:.1f} times as many requests"
