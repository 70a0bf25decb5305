"""A rollout loses no request, on kept connections or fresh ones, though no client ever retries."""

from collections import Counter
from collections.abc import Callable

import pytest

from tests.e2e.conftest import Install
from tests.e2e.release import FULL_NAME, Release
from tests.support.prober import asking_steadily, lost

pytestmark = pytest.mark.quiet

PORT = 8089
CONTROL_PORT = 8088
FEWEST_ROLLOUTS = 3
MOST_ROLLOUTS = 8
FEWEST_REQUESTS = 15_000
PODS = {"autoscaling": {"enabled": False}, "replicaCount": 3}
NAIVE = {
    **PODS,
    "runtime": "uvicorn",
    "drainSeconds": 0,
    "probes": {"startup": {"path": "/"}, "readiness": {"path": "/"}},
}


def rolled_out(release: Release, is_enough: Callable[[int, Counter[str]], bool]) -> Counter[str]:
    """What became of the requests during rollouts that replace every pod, as a new version does.

    They go on until it is enough.
    """
    with asking_steadily(release.port or 0) as tally:
        for number in range(1, MOST_ROLLOUTS + 1):
            release.kubectl("rollout", "restart", f"deployment/{FULL_NAME}")
            release.kubectl("rollout", "status", f"deployment/{FULL_NAME}", "--timeout=120s")
            if is_enough(number, tally):
                break
    print(f"{release.namespace}: {number} rollouts, {dict(tally)}")
    return tally


def test_no_request_is_lost_in_rollouts(install: Install) -> None:
    release = install("rollouts", PORT, values=PODS)

    def is_enough(rollouts: int, tally: Counter[str]) -> bool:
        return rollouts >= FEWEST_ROLLOUTS and tally.total() >= FEWEST_REQUESTS

    tally = rolled_out(release, is_enough)
    assert tally.total() >= FEWEST_REQUESTS, f"only {tally.total()} requests were asked"
    assert lost(tally) == 0, f"rollouts of {release.namespace} lost requests: {dict(tally)}"


def test_naive_uvicorn_loses_requests_in_rollouts(install: Install) -> None:
    """The control: plain uvicorn, which closes its port at SIGTERM."""
    control = install("rollouts-naive", CONTROL_PORT, values=NAIVE)
    tally = rolled_out(control, lambda _, tally: lost(tally) > 0)
    assert lost(tally) > 0, f"{control.namespace} lost nothing, so the other test proves nothing"
