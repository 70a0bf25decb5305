"""Requests per second of the same app under uvicorn-pod and under plain uvicorn.

Each server is pinned to one core and the client to another. Rounds are interleaved: in each, every
server is measured once, in turning order, and only ratios within a round are compared.
"""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import AsyncExitStack, ExitStack, contextmanager
from pathlib import Path
from statistics import median, quantiles

import uvloop

from bench.client import Client, Load
from tests.support import serving
from tests.support.repository import ROOT
from tests.support.serving import environment, free_port
from tests.support.waiting import wait_until

APP = "reference.main:app"
STARTS = 6
ROUNDS = 40
SECONDS = 0.1
WARM_UP_SECONDS = 0.5
CONNECTIONS = 64
BUSY_CLIENT = 0.9  # of its core
POD = "uvicorn-pod"
BARE = "uvicorn, no access log"
DEFAULTS = "uvicorn, its defaults"
SERVERS = {
    POD: ["uvicorn_pod", "--management-port={management}"],
    BARE: ["uvicorn", "--loop=uvloop", "--http=httptools", "--no-access-log"],
    DEFAULTS: ["uvicorn"],
    "uvicorn-pod, no access log": [
        "uvicorn_pod",
        "--management-port={management}",
        "--no-access-log",
    ],
}


@contextmanager
def _served(module: str, *options: str) -> Iterator[tuple[int, int]]:
    """The port and the process id of a server on the first core."""
    port = free_port()
    named = [option.format(management=free_port()) for option in options]
    command = ["taskset", "-c", "0", sys.executable, "-m", module, APP, f"--port={port}", *named]
    # As in a pod: the logs go down a pipe, to a reader that shares the client's core.
    reader = subprocess.Popen(["cat"], stdin=subprocess.PIPE, stdout=subprocess.DEVNULL)
    process = subprocess.Popen(
        command, env=environment(), cwd=ROOT, stdout=reader.stdin, stderr=reader.stdin
    )
    try:
        wait_until(lambda: serving.Client(port).get("/").status == 200, 30, f"{command} starts")
        yield port, process.pid
    finally:
        process.kill()
        process.wait()
        reader.communicate()


def _cpu_seconds(pid: int) -> float:
    return int(Path(f"/proc/{pid}/schedstat").read_text().split()[0]) / 1e9


def main(starts: int = STARTS, rounds: int = ROUNDS) -> None:
    """Prints a line per server.

    All servers are started anew several times: where its code and data come to lie in memory makes
    one process a few per cent faster or slower than the next of the same command.
    """
    os.sched_setaffinity(0, {1})
    loads: dict[str, list[Load]] = {name: [] for name in SERVERS}
    cpu: dict[str, list[float]] = {name: [] for name in SERVERS}
    for _ in range(starts):
        with ExitStack() as stack:
            running = {
                name: stack.enter_context(_served(*command)) for name, command in SERVERS.items()
            }
            uvloop.run(_measure(running, rounds, loads, cpu))
    _report(loads, cpu, starts * rounds)


async def _measure(
    running: dict[str, tuple[int, int]],
    rounds: int,
    loads: dict[str, list[Load]],
    cpu: dict[str, list[float]],
) -> None:
    """Adds each server's loads, and what each cost it: CPU seconds per request."""
    names = list(running)
    async with AsyncExitStack() as stack:
        clients = {
            name: await stack.enter_async_context(Client(port, "/", CONNECTIONS))
            for name, (port, _) in running.items()
        }
        for client in clients.values():
            await client.ask(WARM_UP_SECONDS)
        for round_number in range(rounds):
            turn = round_number % len(names)
            for name in names[turn:] + names[:turn]:
                before = _cpu_seconds(running[name][1])
                done = await clients[name].ask(SECONDS)
                loads[name].append(done)
                cpu[name].append((_cpu_seconds(running[name][1]) - before) / done.requests)


def _report(loads: dict[str, list[Load]], cpu: dict[str, list[float]], rounds: int) -> None:
    print(f"\nGET / of {APP}, {CONNECTIONS} connections, {rounds} interleaved rounds")
    print(f"{'':30} req/s  CPU µs/req  client busy  uvicorn-pod's rate (quartiles), by CPU")
    for name, runs in loads.items():
        ratios = [ours.rate / its.rate for ours, its in zip(loads[POD], runs, strict=True)]
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
