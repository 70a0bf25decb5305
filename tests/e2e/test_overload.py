"""While the HPA adds a pod to an overloaded one, the ready pods answer as many in time as they can.

The clients give up after a second. Under the same load, the control, plain uvicorn, works only for
clients that have gone.
"""

import asyncio
import time
from bisect import bisect
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from threading import Event
from typing import Any

import pytest

from tests.e2e.conftest import Install, install_together
from tests.e2e.release import PLAIN_UVICORN, Release
from tests.support.in_parallel import in_parallel
from tests.support.load import load
from tests.support.open_loop import arrive

pytestmark = [pytest.mark.quiet, pytest.mark.long]

PORT = 8083
CONTROL_PORT = 8084
PATH = "/work?ms=20"
TIMES = 3
PATIENCE_SECONDS = 1
STEP_SECONDS = 60
WINDOW_SECONDS = 5
LEAST_SHARE = 0.85
MOST_OF_CONTROL = 0.5
MOST_PODS = 2
# Short, so that the HPA does not see it: the load of CAPACITY_SECONDS is no reason to add a pod.
CAPACITY_SECONDS = 5
# The nodes learn of a new pod a moment after it is ready.
ENDPOINT_SECONDS = 2
VALUES: dict[str, Any] = {
    "drainSeconds": 1,
    "overload": {"maxWaitSeconds": 0.3},
    "resources": {"requests": {"cpu": "200m"}, "limits": {"cpu": "200m"}},
    "autoscaling": {"minReplicas": 1, "maxReplicas": MOST_PODS},
}
NAIVE = VALUES | PLAIN_UVICORN


@dataclass(frozen=True)
class Result:
    """What the clients of one release got during the step."""

    capacity: float
    """Answers per second of one pod to clients that wait."""
    least_share: float
    """Of what the ready pods can do, in the worst WINDOW_SECONDS."""
    pods: int
    """Ready at the end."""
    outcomes: dict[str, int]


def capacity(release: Release) -> float:
    """Returns the answers per second of the only pod to clients that wait for them."""
    with load(release.port or 0, PATH, 2) as tally:
        time.sleep(CAPACITY_SECONDS)
        answered = tally["200"]
    return answered / CAPACITY_SECONDS


class ReadyPods:
    """The number of ready pods at each moment, asked for twice a second."""

    def __init__(self, release: Release) -> None:
        self._release = release
        self._seen = [(time.monotonic(), self._release.ready_pods())]
        self._stop = Event()

    def watch(self) -> None:
        """Asks until `stop`."""
        while not self._stop.wait(0.5):
            self._seen.append((time.monotonic(), self._release.ready_pods()))

    def stop(self) -> None:
        """Ends `watch`."""
        self._stop.set()

    @property
    def last(self) -> int:
        """Pods that were ready at the end."""
        return self._seen[-1][1]

    def fewest(self, begin: float, end: float) -> int:
        """The fewest between two moments, and just before them; at least 1.

        Otherwise the control would seem perfect once the load has made its only pod unready.
        """
        first = max(0, bisect(self._seen, (begin, 0)) - 1)
        seen = self._seen[first : bisect(self._seen, (end, 0))]
        return max(1, min(ready for _, ready in seen))


def measure(release: Release) -> Result:
    """Sends a step of TIMES the capacity of the only pod."""
    of_one = capacity(release)
    ready = ReadyPods(release)
    assert ready.last == 1, f"{release.namespace}: {ready.last} pods before the step, wanted 1"
    with ThreadPoolExecutor(1) as pool:
        watching = pool.submit(ready.watch)
        begun = time.monotonic()
        arrivals = asyncio.run(
            arrive(release.port or 0, PATH, TIMES * of_one, STEP_SECONDS, PATIENCE_SECONDS)
        )
        ready.stop()
        watching.result()
    moments = sorted(arrivals.good_moments)
    shares = []
    for number in range(2 * (STEP_SECONDS - WINDOW_SECONDS)):
        begin, end = begun + number / 2, begun + number / 2 + WINDOW_SECONDS
        good = bisect(moments, end) - bisect(moments, begin)
        pods = ready.fewest(begin - ENDPOINT_SECONDS, end)
        shares.append(good / (WINDOW_SECONDS * of_one * pods))
    return Result(of_one, min(shares), ready.last, dict(arrivals.outcomes))


def test_ready_pods_answer_what_they_can_while_the_hpa_adds_one(
    install: Install, record_property: Callable[[str, object], None]
) -> None:
    release, control = install_together(
        install, ("overload", PORT, VALUES), ("overload-naive", CONTROL_PORT, NAIVE)
    )
    result, of_control = in_parallel(partial(measure, release), partial(measure, control))
    record_property("note", f"{result}; control: {of_control}")

    assert of_control.least_share <= MOST_OF_CONTROL, f"the control also answers: {of_control}"
    assert result.pods == MOST_PODS, f"the HPA added no pod to {release.namespace}: {result}"
    assert result.least_share >= LEAST_SHARE, (
        f"wanted {LEAST_SHARE} of what the ready pods can do: {result}"
    )
