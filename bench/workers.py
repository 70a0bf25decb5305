"""Pods of one process each against one pod with as many gunicorn workers, at equal CPU."""

import json
from collections import Counter
from dataclasses import dataclass
from statistics import median
from typing import Any

from bench import rates, releases
from bench.bar_chart import BarChart, Group
from bench.containers import versions
from bench.five_servers import IMAGE, OURS, PACKAGES, SERVERS
from bench.fixed_clients import Seen, requesting
from bench.fixed_rate import percentile
from bench.record import Comparison, Findings, Table
from bench.rounds import ratios
from tests.e2e.release import Release
from tests.support.commands import run
from tests.support.waiting import wait_until

WORKERS = 4
CPU_OF_ONE = "200m"
CPU_OF_ALL = "800m"
PODS, WORKERS_IN_A_POD = f"{WORKERS} pods of {OURS}", f"a pod with {WORKERS} gunicorn workers"
PORTS = {PODS: 8081, WORKERS_IN_A_POD: 8082}
PATH = "/burn?ms=5"
ROUNDS = 5
ROUND_SECONDS = 9.0
CLIENTS = 20
PER_SECOND = 3  # 60 requests/s of 5 ms: 0.3 of 0.8 cores
KILL_SECONDS = 60
MEMORY = """\
import pathlib, re
found = 0
for file in pathlib.Path("/proc").glob("[0-9]*/smaps_rollup"):
    own = file.parent.name == str(__import__("os").getpid())
    found += 0 if own else int(re.search(r"^Pss: +(\\d+)", file.read_text(), re.M)[1])
print(found * 1024)
"""
WORKER = """\
import os, pathlib
children = pathlib.Path("/proc/1/task/1/children").read_text().split()
os.kill(int(children[0]), 9)
"""


@dataclass(frozen=True)
class Killed:
    """What Kubernetes knows of a process that SIGKILL has ended."""

    restarts: int
    unready: int
    """The most pods that the Deployment reported as not ready in the seconds after it."""


def _values() -> dict[str, dict[str, Any]]:
    ours, gunicorn = (next(s for s in SERVERS if s.name == name) for name in (OURS, "gunicorn"))
    pods = releases.values(ours) | {
        "replicaCount": WORKERS,
        "resources": {"requests": {"cpu": CPU_OF_ONE}, "limits": {"cpu": CPU_OF_ONE}},
    }
    one_pod = releases.values(gunicorn, drain_seconds=5) | {
        "replicaCount": 1,
        "resources": {
            "requests": {"cpu": CPU_OF_ALL, "memory": "512Mi"},
            "limits": {"cpu": CPU_OF_ALL},
        },
    }
    one_pod["args"] = [
        f"--workers={WORKERS}" if part.startswith("--workers") else part for part in one_pod["args"]
    ]
    return {PODS: pods, WORKERS_IN_A_POD: one_pod}


def _block(release: Release) -> Seen:
    with requesting(release.port or 0, PATH, kept=0, fresh=CLIENTS, per_second=PER_SECOND) as seen:
        target = ROUND_SECONDS * CLIENTS * PER_SECOND
        wait_until(lambda: seen.requests >= target, 10 * ROUND_SECONDS, f"{target:.0f} requests")
    return seen


def _memory_bytes(release: Release) -> int:
    return sum(int(release.exec_python(pod, MEMORY)) for pod in release.pods())


def _kill(release: Release) -> Killed:
    """Ends one process that serves: that of a pod from its node, or a worker from its pod."""
    pod = release.pods()[0]
    if len(release.pods()) > 1:
        container = pod.obj["status"]["containerStatuses"][0]["containerID"]
        task = container.removeprefix("containerd://")
        ctr = ["ctr", "--namespace=k8s.io", "tasks", "kill", "--signal=SIGKILL", task]
        run("docker", "exec", pod.obj["spec"]["nodeName"], *ctr)
    else:
        release.exec_python(pod, WORKER)
    ready: list[int] = []

    def restarts() -> int:
        listed = (status for one in release.pods() for status in _statuses(one.obj))
        return sum(int(status["restartCount"]) for status in listed)

    def is_over() -> bool:
        ready.append(release.ready_pods())
        return len(ready) > 20 and ready[-1] == max(ready)

    wait_until(is_over, KILL_SECONDS, f"{release.namespace} as before", interval_seconds=0.3)
    return Killed(restarts(), max(ready) - min(ready))


def _statuses(pod: dict[str, Any]) -> list[dict[str, Any]]:
    return list(pod["status"].get("containerStatuses", []))


def measure() -> Findings:
    """Takes about two minutes."""
    IMAGE.provide()
    wanted = [(f"workers-{n}", PORTS[name], v) for n, (name, v) in enumerate(_values().items())]
    with releases.installed(*wanted) as both:
        named = dict(zip(PORTS, both, strict=True))
        blocks: dict[str, list[Seen]] = {name: [] for name in named}
        for number in range(ROUNDS):
            for name in list(named)[:: 1 if number % 2 else -1]:
                blocks[name].append(_block(named[name]))
        memory = {name: _memory_bytes(release) for name, release in named.items()}
        killed = {name: _kill(release) for name, release in named.items()}
    return _findings(blocks, memory, killed)


def _findings(
    blocks: dict[str, list[Seen]], memory: dict[str, int], killed: dict[str, Killed]
) -> Findings:
    p99 = {
        name: [percentile(block.seconds, 99) * 1e3 for block in seen]
        for name, seen in blocks.items()
    }
    rows = [
        [
            name,
            f"{median(p99[name]):.0f} ms",
            f"{_skew(blocks[name]):.2f}",
            str(sum(block.lost.total() for block in blocks[name])),
            f"{memory[name] / 1e6:.0f} MB",
            f"restarts: {killed[name].restarts}, pods that are not ready: {killed[name].unready}",
        ]
        for name in blocks
    ]
    columns = ["", "p99", "skew", "lost", "memory (PSS)", "then, after SIGKILL of one process"]
    compared = ratios(p99[PODS], p99[WORKERS_IN_A_POD])
    chart = BarChart(
        f"{PODS}: p99 {median(p99[PODS]):.0f} ms; {WORKERS_IN_A_POD}: "
        f"{median(p99[WORKERS_IN_A_POD]):.0f} ms",
        "99th percentile of the time to the answer, at most 60 requests per second, in ms",
        [
            Group(
                f"{CPU_OF_ALL} in all",
                [
                    rates.bar(name, each, unit="", is_ours=name == PODS)
                    for name, each in p99.items()
                ],
            )
        ],
    )
    return Findings(
        [
            Table(
                f"At most 60 requests per second to `{PATH}`, {CPU_OF_ALL} of CPU, median of "
                f"{ROUNDS} rounds of {ROUND_SECONDS:.0f} s",
                columns,
                rows,
            )
        ],
        chart,
        [Comparison.of(f"p99: {PODS} against {WORKERS_IN_A_POD}", compared)],
        {
            f"A killed process of {name}": (
                "Kubernetes counts a restart" if found.restarts else "Kubernetes sees nothing"
            )
            for name, found in killed.items()
        },
        versions(IMAGE.reference, PACKAGES),
    )


def _skew(blocks: list[Seen]) -> float:
    """The most requests that one process answered, divided by the mean of all."""
    by: Counter[str] = sum((block.answered_by for block in blocks), Counter())
    names = Counter({json.loads(body)["process"]: count for body, count in by.items()})
    return max(names.values()) / (sum(names.values()) / WORKERS)
