"""Memory of each server alone, and of four pods against one container with four workers.

It is the sum over all processes. Where several share a page, it counts once.
"""

import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass

from bench import wrk
from bench.bar_chart import Bar, BarChart, Group
from bench.containers import Container, versions
from bench.five_servers import APP, IMAGE, OURS, PACKAGES, SERVERS, Server
from bench.pinned import pinned
from bench.record import Findings, Table
from bench.served import CLIENT_CORE, served

LOADS = {"/async": 3, "/catalog": 2}
"""Seconds of load on each route."""
CONNECTIONS = 64  # for all containers together
SETTLE_SECONDS = 1
"""After the first answer, other workers may still be starting."""
PROCESSES = 4
PODS = f"{PROCESSES} pods of {OURS}"
WORKERS = f"gunicorn --preload, {PROCESSES} workers"
PRELOADED = Server(
    WORKERS,
    (
        "gunicorn", APP, "--preload", "--worker-class=asgi", f"--workers={PROCESSES}",
        "--bind=0.0.0.0:{port}",
    ),
)  # fmt: skip
SAME = 0.1
"""Sizes that differ by less than this share of the smaller one are said to be similar."""


@dataclass(frozen=True)
class Memory:
    """Of all processes, in MB."""

    name: str
    idle: float
    loaded: float
    is_ours: bool = False


def measure() -> Findings:
    """Takes 60 seconds."""
    IMAGE.build()
    with pinned(CLIENT_CORE):
        # One after the other: servers that run at once share the pages of their libraries.
        singles = [
            _memory(server.name, [server], is_ours=server.name == OURS) for server in SERVERS
        ]
        pods = _memory(PODS, [SERVERS[0]] * PROCESSES, is_ours=True)
        workers = _memory(WORKERS, [PRELOADED])
    return Findings(
        tables=[_table([*singles, pods, workers])],
        chart=_chart(singles, pods, workers),
        counts={
            f"memory of {PODS} against {WORKERS}, idle": _verdict(pods.idle, workers.idle),
            f"memory of {PODS} against {WORKERS}, after load": _verdict(
                pods.loaded, workers.loaded
            ),
        },
        versions=versions(IMAGE.reference, PACKAGES),
    )


def _memory(name: str, servers: list[Server], *, is_ours: bool = False) -> Memory:
    print(f"  {name}", flush=True)
    with ExitStack() as stack:
        containers = [stack.enter_context(served(server)) for server in servers]
        time.sleep(SETTLE_SECONDS)
        idle = _megabytes(containers)
        for path, seconds in LOADS.items():
            _load(containers, path, seconds)
        return Memory(name, idle, _megabytes(containers), is_ours)


def _load(containers: list[Container], path: str, seconds: int) -> None:
    """Sends requests to all containers at once."""
    with ThreadPoolExecutor(len(containers)) as pool:
        loads = [
            pool.submit(
                wrk.measure,
                each.port,
                path,
                seconds=seconds,
                connections=CONNECTIONS // len(containers),
            )
            for each in containers
        ]
    for load in loads:
        load.result()


def _megabytes(containers: list[Container]) -> float:
    return sum(container.memory_bytes() for container in containers) / 1e6


def _verdict(ours: float, theirs: float) -> str:
    if abs(ours - theirs) < SAME * min(ours, theirs):
        return "similar"
    return "more" if ours > theirs else "less"


def _table(measured: list[Memory]) -> Table:
    return Table(
        "Memory in MB",
        ["server", "idle", "after load"],
        [[each.name, f"{each.idle:.0f}", f"{each.loaded:.0f}"] for each in measured],
    )


def _chart(singles: list[Memory], pods: Memory, workers: Memory) -> BarChart:
    both = [pods, workers]
    return BarChart(
        f"After load, {PODS} need {pods.loaded:.0f} MB, "
        f"and {PROCESSES} workers of gunicorn --preload {workers.loaded:.0f} MB",
        "MB; pages that several processes share count once",
        [
            Group("one process, idle", [_bar(each, each.idle) for each in singles]),
            Group("one process, after load", [_bar(each, each.loaded) for each in singles]),
            Group("four pods or workers, idle", [_bar(each, each.idle) for each in both]),
            Group("four pods or workers, after load", [_bar(each, each.loaded) for each in both]),
        ],
    )


def _bar(measured: Memory, megabytes: float) -> Bar:
    return Bar(measured.name, megabytes, f"{megabytes:.0f} MB", is_ours=measured.is_ours)
