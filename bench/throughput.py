"""Requests per second of the same app under uvicorn-pod and under plain uvicorn.

Each server is pinned to one core and the client to another. Rounds are interleaved: in each, every
server is measured once, in turning order, and only ratios within a round are compared.
"""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from statistics import median, quantiles
from tempfile import TemporaryFile

from bench.client import Load, load
from tests.app.serving import ROOT, Client, environment, free_port
from tests.waiting import wait_until

APP = "reference.main:app"
ROUNDS = 40
SECONDS = 0.4
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
    with TemporaryFile() as output:
        process = subprocess.Popen(
            command, env=environment(), cwd=ROOT, stdout=output, stderr=output
        )
        try:
            wait_until(lambda: Client(port).get("/").status == 200, 30, f"{command} starts")
            yield port, process.pid
        finally:
            process.kill()
            process.wait()


def _cpu_seconds(pid: int) -> float:
    return int(Path(f"/proc/{pid}/schedstat").read_text().split()[0]) / 1e9


def main(rounds: int = ROUNDS) -> None:
    """Prints a line per server."""
    os.sched_setaffinity(0, {1})
    loads: dict[str, list[Load]] = {name: [] for name in SERVERS}
    cpu: dict[str, list[float]] = {name: [] for name in SERVERS}
    with ExitStack() as stack:
        running = {
            name: stack.enter_context(_served(*command)) for name, command in SERVERS.items()
        }
        names = list(SERVERS)
        for round_number in range(rounds):
            turn = round_number % len(names)
            for name in names[turn:] + names[:turn]:
                port, pid = running[name]
                before = _cpu_seconds(pid)
                done = load(port, "/", CONNECTIONS, SECONDS)
                loads[name].append(done)
                cpu[name].append((_cpu_seconds(pid) - before) / max(1, done.requests))
                time.sleep(0.05)
    _report(loads, cpu, rounds)


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
