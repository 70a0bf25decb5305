"""A rollout loses no request on kept or fresh connections, although no client retries."""

from collections.abc import Callable

import pytest

from tests.e2e.conftest import Install
from tests.e2e.release import PLAIN_UVICORN
from tests.e2e.rollouts import probe_rollouts
from tests.support.prober import Tally

pytestmark = pytest.mark.quiet

PORT = 8089
CONTROL_PORT = 8088
FEWEST_ROLLOUTS = 3
FEWEST_REQUESTS = 15_000
PODS = {"autoscaling": {"enabled": False}, "replicaCount": 3}
NAIVE = PODS | PLAIN_UVICORN


def test_no_request_is_lost_in_rollouts(
    install: Install, record_property: Callable[[str, object], None]
) -> None:
    release = install("rollouts", PORT, values=PODS)

    def is_enough(rollouts: int, tally: Tally) -> bool:
        return rollouts >= FEWEST_ROLLOUTS and tally.requests >= FEWEST_REQUESTS

    rollouts, tally = probe_rollouts(release, is_enough)
    record_property("note", f"{rollouts} rollouts: {tally}")
    assert tally.requests >= FEWEST_REQUESTS, f"only {tally.requests} requests were sent"
    assert not tally.lost, f"rollouts of {release.namespace} lost requests: {tally}"


def test_naive_uvicorn_loses_requests_in_rollouts(install: Install) -> None:
    """The control is plain uvicorn, which closes its port at SIGTERM.

    It may take up to MOST_ROLLOUTS until a request is lost.
    """
    control = install("rollouts-naive", CONTROL_PORT, values=NAIVE)
    _, tally = probe_rollouts(control, lambda _, tally: bool(tally.lost))
    assert tally.lost, f"{control.namespace} lost nothing, so the other test proves nothing"
