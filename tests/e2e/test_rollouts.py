"""A rollout loses no request on kept or fresh connections, although no client retries."""

from collections.abc import Callable

import pytest

from tests.e2e.conftest import Install
from tests.e2e.release import FULL_NAME, PLAIN_UVICORN, Release
from tests.support.prober import Tally, probing

pytestmark = pytest.mark.quiet

PORT = 8089
CONTROL_PORT = 8088
FEWEST_ROLLOUTS = 3
MOST_ROLLOUTS = 20  # in the four minutes that the prober runs at most
FEWEST_REQUESTS = 15_000
PODS = {"autoscaling": {"enabled": False}, "replicaCount": 3}
NAIVE = PODS | PLAIN_UVICORN


def probe_rollouts(release: Release, is_enough: Callable[[int, Tally], bool]) -> Tally:
    """Replaces every pod, as a new version does, until `is_enough(rollouts, tally)` is true."""
    with probing(release.port or 0) as tally:
        for number in range(1, MOST_ROLLOUTS + 1):
            release.kubectl("rollout", "restart", f"deployment/{FULL_NAME}")
            release.kubectl("rollout", "status", f"deployment/{FULL_NAME}", "--timeout=120s")
            if is_enough(number, tally):
                break
    print(f"{release.namespace}: {number} rollouts, {tally}")
    return tally


def test_no_request_is_lost_in_rollouts(install: Install) -> None:
    release = install("rollouts", PORT, values=PODS)

    def is_enough(rollouts: int, tally: Tally) -> bool:
        return rollouts >= FEWEST_ROLLOUTS and tally.requests >= FEWEST_REQUESTS

    tally = probe_rollouts(release, is_enough)
    assert tally.requests >= FEWEST_REQUESTS, f"only {tally.requests} requests were sent"
    assert not tally.lost, f"rollouts of {release.namespace} lost requests: {tally}"


def test_naive_uvicorn_loses_requests_in_rollouts(install: Install) -> None:
    """The control is plain uvicorn, which closes its port at SIGTERM.

    It may take up to MOST_ROLLOUTS until a request is lost.
    """
    control = install("rollouts-naive", CONTROL_PORT, values=NAIVE)
    tally = probe_rollouts(control, lambda _, tally: bool(tally.lost))
    assert tally.lost, f"{control.namespace} lost nothing, so the other test proves nothing"
