"""New pods get their share of the requests, although the clients keep their connections.

Kubernetes balances connections, not requests. Plain uvicorn, the control, keeps each connection on
its first pod. Both releases get the same load at the same time, and as many new pods.
"""

import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from statistics import quantiles
from typing import Any

import pytest

from tests.e2e.conftest import Install, install_together
from tests.e2e.release import FULL_NAME, PLAIN_UVICORN, Release
from tests.support.http_client import Answer
from tests.support.metrics_text import total
from tests.support.prober import Tally
from tests.support.repeated_requests import Bounds, Outcome, RepeatingClient, sending
from tests.support.waiting import wait_until

pytestmark = pytest.mark.quiet

PORT = 8081
CONTROL_PORT = 8082
CLIENTS = 64
PATH = "/work?ms=4"  # two pods cannot answer all of it, four can
BOUNDS = Bounds(seconds=240, requests=1_000, timeout_seconds=10, pause_seconds=0.4)
PODS = 2
MORE_PODS = 4
READY_SECONDS = 60
LEAST_SHARE = 0.8
FEWEST_REQUESTS = 3_000
BEFORE_SECONDS = 12
# Moments after the last pod is ready; the share is measured between them.
SETTLED_SECONDS = 15
END_SECONDS = 60
# A connection goes to a random pod. Of 64 connections, one of four pods has 16, give or take 3.5.
# Over 15 ages, a share is 1, give or take 0.06: one run in 2,000 finds a new pod below 0.8.
# With the default age of 10 seconds, 45 seconds are too few draws: it would be one run in 27.
AGE_SECONDS = 3
VALUES: dict[str, Any] = {
    "autoscaling": {"enabled": False},
    "replicaCount": PODS,
    "drainSeconds": 1,
    "resources": {"requests": {"cpu": "100m"}, "limits": {"cpu": "250m"}},
    "uvicorn": {"maxConnectionSeconds": AGE_SECONDS},
}
NAIVE = VALUES | PLAIN_UVICORN


@dataclass
class Clients:
    """The results of all clients of one port, and when and how fast they got their answers."""

    tally: Tally = field(default_factory=Tally)
    _answers: list[tuple[float, float]] = field(default_factory=list)

    def count(self, outcome: Outcome) -> None:
        self.tally.count_kept(outcome)
        if isinstance(outcome, Answer):
            self._answers.append((time.monotonic(), outcome.seconds))

    def p99(self, begin: float, end: float) -> float:
        """Seconds within which 99 % of the answers between two moments came."""
        return quantiles((s for moment, s in self._answers if begin <= moment < end), n=100)[-1]


@dataclass(frozen=True)
class Result:
    """What new pods did for one release. A share of 1 is as many requests as each pod's mean."""

    new_shares: list[float]
    requests: int
    p99_before: float
    p99_after: float
    tally: Tally


@contextmanager
def keeping_connections(port: int) -> Iterator[Clients]:
    """Runs the clients until the block ends."""
    clients = Clients()
    repeating = [RepeatingClient(port, PATH, True, clients.count) for _ in range(CLIENTS)]
    with sending(repeating, BOUNDS):
        yield clients


def counted(release: Release) -> dict[str, int]:
    """Returns how many requests each pod has answered, from its metric."""
    pods = f"/api/v1/namespaces/{release.namespace}/pods"
    counts = {}
    for pod in release.pods():
        metrics = release.kubectl("get", f"--raw={pods}/{pod.name}:9000/proxy/metrics")
        counts[pod.name] = int(total(metrics, "uvicorn_requests_total", route="/work"))
    return counts


def logged(release: Release) -> dict[str, int]:
    """Returns the same for plain uvicorn, which has no metrics, from its access log."""
    line = f'"GET {PATH} '
    return {pod.name: release.kubectl("logs", pod.name).count(line) for pod in release.pods()}


def measure(release: Release, count: Callable[[Release], Mapping[str, int]]) -> Result:
    """Adds pods under load, and measures when all of them are ready."""
    old = {pod.name for pod in release.pods()}
    assert len(old) == PODS, f"{release.namespace}: {len(old)} pods, wanted {PODS}"

    def are_ready() -> bool:
        deployment = release.live("deployment", FULL_NAME) or {}
        return bool(deployment["status"].get("readyReplicas") == MORE_PODS)

    with keeping_connections(release.port or 0) as clients:
        begun = time.monotonic()
        time.sleep(BEFORE_SECONDS)
        scaled = time.monotonic()
        release.kubectl("scale", f"deployment/{FULL_NAME}", f"--replicas={MORE_PODS}")
        what = f"{release.namespace}: {MORE_PODS} pods ready"
        wait_until(are_ready, READY_SECONDS, what, interval_seconds=0.5)
        time.sleep(SETTLED_SECONDS)
        settled, first = time.monotonic(), count(release)
        time.sleep(END_SECONDS - SETTLED_SECONDS)
        end, last = time.monotonic(), count(release)
    assert old <= first.keys() == last.keys(), f"{release.namespace}: pods {first} became {last}"
    numbers = {pod: last[pod] - first[pod] for pod in last}
    total = sum(numbers.values())
    shares = [number * MORE_PODS / total for pod, number in numbers.items() if pod not in old]
    before, after = clients.p99(begun, scaled), clients.p99(settled, end)
    return Result(shares, total, before, after, clients.tally)


def test_new_pods_get_their_share_of_kept_connections(
    install: Install, record_property: Callable[[str, object], None]
) -> None:
    release, control = install_together(
        install, ("share", PORT, VALUES), ("share-naive", CONTROL_PORT, NAIVE)
    )
    with ThreadPoolExecutor() as pool:
        measuring = pool.submit(measure, release, counted)
        of_control = pool.submit(measure, control, logged).result()
        result = measuring.result()
    record_property("note", f"{result}; control: {of_control}")

    for each in (result, of_control):
        assert len(each.new_shares) == MORE_PODS - PODS, f"wanted {MORE_PODS} pods: {each}"
        assert each.requests >= FEWEST_REQUESTS, f"wanted {FEWEST_REQUESTS} requests: {each}"
    assert set(of_control.new_shares) == {0}, f"kept connections reached new pods: {of_control}"
    assert min(result.new_shares) >= LEAST_SHARE, f"wanted {LEAST_SHARE} of a fair share: {result}"
    assert not result.tally.lost, f"{release.namespace} lost requests: {result}"
    assert result.p99_after < result.p99_before, f"the new pods made nothing faster: {result}"
