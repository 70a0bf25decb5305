"""KEDA adds pods for requests that only wait, for which an HPA on the CPU never does.

`make test` installs KEDA with `python3 -m cluster keda`.
"""

import time
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any

import pytest

from tests.e2e.conftest import Install, install_together
from tests.e2e.keda import HPA, follows_requests
from tests.e2e.release import FULL_NAME, Release
from tests.e2e.replica_watch import recorded_replicas
from tests.support.in_parallel import in_parallel
from tests.support.load import load
from tests.support.prober import probing
from tests.support.waiting import wait_until

pytestmark = pytest.mark.quiet

PORT = 8087
CONTROL_PORT = 8088
CLIENTS = 40
PATH = "/slow?seconds=2"
FIRST_SECONDS = 15
ALL_SECONDS = 30
WANTED_PODS = 4
QUIET_SECONDS = 35  # longer than two rounds of the HPA, which acts every 15 s
SCALING: dict[str, Any] = {"minReplicas": 1, "maxReplicas": 4}
VALUES: dict[str, Any] = {
    "drainSeconds": 1,
    "resources": {"requests": {"cpu": "100m"}},
    "autoscaling": SCALING | {"engine": "keda"},
}
CONTROL = VALUES | {"autoscaling": SCALING}


@pytest.fixture(scope="module")
def releases(install: Install) -> list[Release]:
    pair = install_together(install, ("keda", PORT, VALUES), ("keda-hpa", CONTROL_PORT, CONTROL))
    wait_until(lambda: follows_requests(pair[0]), 120, f"{pair[0].namespace}: KEDA's HPA active")
    return pair


def seconds_until_ready(release: Release, port: int) -> dict[int, float]:
    """Sends the load for ALL_SECONDS, and returns when each number of pods was ready."""
    moments: dict[int, float] = {}
    with load(port, PATH, CLIENTS):
        begun = time.monotonic()
        while (passed := time.monotonic() - begun) < ALL_SECONDS:
            for number in range(2, release.ready_pods() + 1):
                moments.setdefault(number, passed)
            time.sleep(0.5)
    return moments


def test_requests_that_wait_add_pods(
    releases: list[Release], record_property: Callable[[str, object], None]
) -> None:
    release, control = releases
    moments, of_control = in_parallel(
        partial(seconds_until_ready, release, PORT),
        partial(seconds_until_ready, control, CONTROL_PORT),
    )
    shown = {pods: round(seconds, 1) for pods, seconds in moments.items()}
    record_property("note", f"pods ready after {shown} s; control: {of_control}")
    assert not of_control, f"the HPA on the CPU added pods after {of_control} s"
    assert WANTED_PODS in moments, f"{release.namespace}: only {shown} in {ALL_SECONDS} s"


@pytest.mark.long
def test_a_switch_of_the_engine_keeps_every_pod(releases: list[Release]) -> None:
    """Without the load, either HPA would want one pod, but only five minutes later."""
    release, _ = releases
    seconds_until_ready(release, PORT)
    wait_until(lambda: release.ready_pods() == WANTED_PODS, 60, f"{release.namespace}: four pods")
    hpa = replace(release, values=VALUES | {"autoscaling": SCALING})
    with recorded_replicas(release) as seen, probing(PORT, kept=2, fresh=2) as tally:
        hpa.upgrade()
        wait_until(lambda: release.live("hpa", FULL_NAME) is not None, 30, "the chart's HPA")
        wait_until(lambda: release.live("hpa", HPA) is None, 60, "no HPA of KEDA")
        time.sleep(QUIET_SECONDS)
        release.upgrade()
        wait_until(lambda: follows_requests(release), 120, "KEDA's HPA active again")
        assert release.live("hpa", FULL_NAME) is None, f"hpa/{FULL_NAME} is still there"
        time.sleep(QUIET_SECONDS)
    assert min(seen) == WANTED_PODS, f"{release.namespace}: {sorted(set(seen))} pods in switches"
    assert not tally.lost, f"{release.namespace} lost requests: {tally}"
