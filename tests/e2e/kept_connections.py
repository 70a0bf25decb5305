"""Clients that keep their connections, and the requests that each pod of a release gets of them."""

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from statistics import quantiles

from tests.e2e.release import FULL_NAME, Release
from tests.support.http_client import Answer
from tests.support.metrics_text import total
from tests.support.prober import Tally
from tests.support.repeated_requests import Bounds, Outcome, RepeatingClient, sending
from tests.support.waiting import wait_until

CLIENTS = 64
PATH = "/work?ms=4"  # two pods cannot answer all of it, more can
BOUNDS = Bounds(seconds=420, requests=1_100, timeout_seconds=10, pause_seconds=0.4)
BEFORE_SECONDS = 12


@dataclass
class Clients:
    """The results of all clients of one port, and when and how fast they got their answers."""

    tally: Tally = field(default_factory=Tally)
    _answers: list[tuple[float, float]] = field(default_factory=list)

    def count(self, outcome: Outcome) -> None:
        """Counts the result of one request."""
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


@dataclass(frozen=True)
class Moments:
    """When the share is measured, in seconds after the last new pod is ready."""

    begin: float
    end: float


@contextmanager
def keeping_connections(port: int, bounds: Bounds = BOUNDS) -> Iterator[Clients]:
    """Runs the clients until the block ends."""
    clients = Clients()
    repeating = [RepeatingClient(port, PATH, True, clients.count) for _ in range(CLIENTS)]
    with sending(repeating, bounds):
        yield clients


def counted(release: Release) -> dict[str, int]:
    """Returns how many requests each pod has answered, from its metric."""
    return {
        pod.name: int(total(release.metrics(pod), "uvicorn_requests_total", route="/work"))
        for pod in release.pods()
    }


def logged(release: Release) -> dict[str, int]:
    """Returns the same for plain uvicorn, which has no metrics, from its access log."""
    line = f'"GET {PATH} '
    return {pod.name: release.kubectl("logs", pod.name).count(line) for pod in release.pods()}


def measure(
    release: Release,
    port: int,
    pods: tuple[int, int],
    count: Callable[[Release], Mapping[str, int]],
    add: Callable[[], object],
    moments: Moments,
    *,
    ready_seconds: float = 60,
    bounds: Bounds = BOUNDS,
) -> Result:
    """Has pods added under load, and measures when all of them are ready.

    `pods` are the numbers before and after. `add` is called under load, and adds pods or does
    nothing where the load itself has them added.
    """
    old = {pod.name for pod in release.pods()}
    assert len(old) == pods[0], f"{release.namespace}: {len(old)} pods, wanted {pods[0]}"

    with keeping_connections(port, bounds) as clients:
        begun = time.monotonic()
        time.sleep(BEFORE_SECONDS)
        scaled = time.monotonic()
        add()
        what = f"{release.namespace}: {pods[1]} pods ready"
        wait_until(
            lambda: release.ready_pods() == pods[1], ready_seconds, what, interval_seconds=0.5
        )
        time.sleep(moments.begin)
        settled, first = time.monotonic(), count(release)
        time.sleep(moments.end - moments.begin)
        end, last = time.monotonic(), count(release)
    assert old <= first.keys() == last.keys(), f"{release.namespace}: pods {first} became {last}"
    numbers = {pod: last[pod] - first[pod] for pod in last}
    requests = sum(numbers.values())
    shares = [number * pods[1] / requests for pod, number in numbers.items() if pod not in old]
    before, after = clients.p99(begun, scaled), clients.p99(settled, end)
    return Result(shares, requests, before, after, clients.tally)


def add_by_scaling(release: Release, pods: int) -> Callable[[], object]:
    """Returns what `measure` may call to have that many pods."""
    return lambda: release.kubectl("scale", f"deployment/{FULL_NAME}", f"--replicas={pods}")
