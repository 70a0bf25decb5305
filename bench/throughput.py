"""Requests per second of the same app under uvicorn-pod and under plain uvicorn.

Each server is pinned to one core and the client to another. Rounds are interleaved. Each measures
every server once, in rotating order, and only ratios within a round are compared.
"""

import os
import subprocess
from collections.abc import Iterator
from contextlib import AsyncExitStack, ExitStack, contextmanager
from pathlib import Path
from statistics import median, quantiles
from typing import IO, cast

import uvloop

from bench.pinned import pinned
from tests.support.serving import REFERENCE, Served, serving_into
from tests.support.throughput_client import Throughput, ThroughputClient

STARTS = 6
ROUNDS = 40
SECONDS = 0.1
WARM_UP_SECONDS = 0.5
CONNECTIONS = 64
BUSY_CLIENT = 0.9  # of its core
POD = "uvicorn-pod"
BARE = "uvicorn, no access log"
DEFAULTS = "uvicorn, its defaults"
# The client keeps its connections: six new ones a second would cost nothing that shows.
KEPT = "--max-connection-seconds=0"
SERVERS = {
    POD: ["uvicorn_pod", KEPT],
    BARE: ["uvicorn", "--loop=uvloop", "--http=httptools", "--no-access-log"],
    DEFAULTS: ["uvicorn"],
    "uvicorn-pod, no access log": ["uvicorn_pod", KEPT, "--no-access-log"],
    "uvicorn-pod, no watch": ["uvicorn_pod", KEPT, "--blocked-seconds=0"],
}


@contextmanager
def _served(module: str, *options: str) -> Iterator[Served]:
    """Runs a server on the first core."""
    # As in a pod, the logs go through a pipe to a reader, which shares the client's core.
    with subprocess.Popen(["cat"], stdin=subprocess.PIPE, stdout=subprocess.DEVNULL) as reader:
        logs = cast("IO[bytes]", reader.stdin)
        server = serving_into(logs, REFERENCE, *options, module=module, until="/readyz")
        with logs, ExitStack() as stack:
            with pinned(0):
                served = stack.enter_context(server)
            yield served


def _cpu_seconds(pid: int) -> float:
    return int(Path(f"/proc/{pid}/schedstat").read_text().split()[0]) / 1e9


def main(starts: int = STARTS, rounds: int = ROUNDS) -> None:
    """Prints a line per server.

    Starts all servers several times: processes of the same command differ in speed by a few per
    cent. It depends on where their code and data lie in memory.
    """
    os.sched_setaffinity(0, {1})
    measured: dict[str, list[Throughput]] = {name: [] for name in SERVERS}
    cpu: dict[str, list[float]] = {name: [] for name in SERVERS}
    for _ in range(starts):
        with ExitStack() as stack:
            running = {
                name: stack.enter_context(_served(*command)) for name, command in SERVERS.items()
            }
            uvloop.run(_measure(running, rounds, measured, cpu))
    _report(measured, cpu, starts * rounds)


async def _measure(
    running: dict[str, Served],
    rounds: int,
    measured: dict[str, list[Throughput]],
    cpu: dict[str, list[float]],
) -> None:
    """Adds the throughput of each server, and its CPU seconds per request."""
    names = list(running)
    async with AsyncExitStack() as stack:
        clients = {
            name: await stack.enter_async_context(ThroughputClient(served.port, "/", CONNECTIONS))
            for name, served in running.items()
        }
        for client in clients.values():
            await client.measure(WARM_UP_SECONDS)
        for round_number in range(rounds):
            turn = round_number % len(names)
            for name in names[turn:] + names[:turn]:
                pid = running[name].process.pid
                before = _cpu_seconds(pid)
                done = await clients[name].measure(SECONDS)
                measured[name].append(done)
                cpu[name].append((_cpu_seconds(pid) - before) / done.requests)


def _report(
    measured: dict[str, list[Throughput]], cpu: dict[str, list[float]], rounds: int
) -> None:
    print(f"\nGET / of {REFERENCE}, {CONNECTIONS} connections, {rounds} interleaved rounds")
    print(f"{'':30} req/s  CPU µs/req  client busy  uvicorn-pod's rate (quartiles), by CPU")
    for name, runs in measured.items():
        ratios = [ours.rate / its.rate for ours, its in zip(measured[POD], runs, strict=True)]
        low, _, high = quantiles(ratios, n=4)
        by_cpu = median(its / ours for ours, its in zip(cpu[POD], cpu[name], strict=True))
        busy = median(run.client_cpu_seconds / run.seconds for run in runs)
        print(
            f"  {name:27} {median(run.rate for run in runs):6.0f} {median(cpu[name]) * 1e6:11.0f}"
            f" {busy:12.0%}  {median(ratios):.3f}x ({low:.3f}-{high:.3f}), {by_cpu:.3f}x"
        )
        if busy > BUSY_CLIENT:
            print("    the client was the bottleneck: these rates are a lower bound")


if __name__ == "__main__":
    main()
