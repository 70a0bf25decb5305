"""The cost of a start, from the start of the process to its first 200, in a container as in a pod.

The container runs the reference image with a read-only root, and a cgroup limits its CPU. The floor
is the same container with a process that only imports FastAPI.
"""

import json
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from pathlib import Path
from statistics import median, quantiles

from cluster.common.steps import perform
from cluster.engine import docker
from cluster.release.app_images import steps
from cluster.release.names import image
from tests.support.http_client import get
from tests.support.serving import free_port
from tests.support.waiting import wait_until

ROUNDS = 8
SLOW_EVERY = 4  # rounds: this start takes seconds
START_SECONDS = 60
CPUS = (0.2, 1)
BAR = 1.15
IMPORT = "import {}, time; print(time.time(), flush=True); time.sleep(60)"
SERVE = ["reference.main:app", "--host=127.0.0.1"]


@dataclass
class Start:
    """The seconds that one start took."""

    cpu: float
    wall: float


@contextmanager
def _running(cpus: float, options: list[str], arguments: list[str]) -> Iterator[str]:
    """Yields the id of a container of the reference image, and removes it."""
    command = ["docker", "run", "--detach", f"--cpus={cpus}", "--read-only", "--network=host"]
    container = _output(*command, *options, image("reference"), *arguments)
    try:
        yield container
    finally:
        _output("docker", "rm", "--force", container)


def _output(*command: str) -> str:
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()


def _measured(container: str, ended: float) -> Start:
    """Counts the CPU seconds of all threads, including the engine's setup of the process."""
    state = json.loads(_output("docker", "inspect", "--format={{json .State}}", container))
    threads = Path(f"/proc/{state['Pid']}/task").glob("*/schedstat")
    cpu = sum(int(thread.read_text().split()[0]) for thread in threads) / 1e9
    return Start(cpu, ended - datetime.fromisoformat(state["StartedAt"]).timestamp())


def _import(names: str, cpus: float) -> Start:
    with _running(cpus, ["--entrypoint=python"], ["-c", IMPORT.format(names)]) as container:
        follow = ["docker", "logs", "--follow", container]
        with subprocess.Popen(follow, stdout=subprocess.PIPE, text=True) as logs:
            ended = float(logs.stdout.readline()) if logs.stdout else 0
            start = _measured(container, ended)
            logs.kill()
    return start


def _serve(command: str, options: list[str], cpus: float) -> Start:
    port = free_port()
    arguments = [*SERVE, f"--port={port}"]
    if command == "uvicorn":
        arguments += ["--loop=uvloop", "--http=httptools"]
    else:
        arguments.append(f"--management-port={free_port()}")

    def answers() -> bool:
        return get(port, "/").status == 200

    with _running(cpus, [f"--entrypoint={command}", *options], arguments) as container:
        wait_until(answers, START_SECONDS, f"{command} answers", interval_seconds=0.01)
        return _measured(container, time.time())


FLOOR = "import fastapi"
OURS = "uvicorn-pod, reference app"
SLOW = "the same without bytecode"
STARTS: dict[str, Callable[[float], Start]] = {
    "python, no import": partial(_import, "sys"),
    FLOOR: partial(_import, "fastapi"),
    "… uvicorn, prometheus_client": partial(_import, "fastapi, uvicorn, prometheus_client"),
    "plain uvicorn, reference app": partial(_serve, "uvicorn", []),
    OURS: partial(_serve, "uvicorn-pod", []),
    SLOW: partial(_serve, "uvicorn-pod", ["--env=PYTHONPYCACHEPREFIX=/none"]),
}


def main(rounds: int = ROUNDS) -> None:
    """Prints a table for each CPU limit; starts the engine and builds the image if needed.

    Raises ClusterError, with one sentence, if that fails.
    """
    perform(docker.steps())
    perform(steps())
    for cpus in CPUS:
        taken: dict[str, list[Start]] = {name: [] for name in STARTS}
        for number in range(rounds):
            for name, start in STARTS.items():
                if name != SLOW or number % SLOW_EVERY == 0:
                    taken[name].append(start(cpus))
        _report(cpus, taken)


def _report(cpus: float, taken: dict[str, list[Start]]) -> None:
    print(f"\nCold start at {cpus:g} CPU, read-only root, medians of {len(taken[FLOOR])}")
    print(f"{'':31} CPU s   wall s   CPU against `{FLOOR}` (quartiles)")
    ratio = 0.0
    for name, starts in taken.items():
        ratios = [own.cpu / floor.cpu for own, floor in zip(starts, taken[FLOOR], strict=False)]
        low, _, high = quantiles(ratios, n=4)
        cpu, wall = median(one.cpu for one in starts), median(one.wall for one in starts)
        print(f"  {name:28} {cpu:6.3f} {wall:8.2f}   {median(ratios):.3f}x ({low:.3f}-{high:.3f})")
        ratio = median(ratios) if name == OURS else ratio
    print(f"  bar: at most {BAR}x: {'met' if ratio <= BAR else 'missed'}")


if __name__ == "__main__":
    main()
