"""A pod whose app leaks memory retires before the kernel kills it, and no request is lost."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.e2e.conftest import Install, install_together
from tests.e2e.release import Release
from tests.support.prober import probing
from tests.support.waiting import wait_until

pytestmark = [pytest.mark.quiet, pytest.mark.long]

PORT = 8081
CONTROL_PORT = 8082
# More pods than retirements: from a pod's second restart on, the kubelet waits before it starts it.
PODS = 6
RETIREMENTS = 4
LEAK_SECONDS = 150
# A request leaks 20 KB, so at 300 requests/s a pod grows by 1 MB a second. A process begins with up
# to 50 MB, as if it had leaked for a while. Otherwise all pods would be full at the same time.
LEAKING = """\
import random

leaked = [b"x" * random.randrange(50_000_000)]


async def app(scope, receive, send):
    assert scope["type"] == "http"
    leaked.append(b"x" * 20_000)
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": b"ok"})
"""
NEVER_RETIRING: dict[str, Any] = {
    "autoscaling": {"enabled": False},
    "replicaCount": PODS,
    "drainSeconds": 2,
    "app": "leaking:app",
    "config": {"files": {"leaking.py": LEAKING}},
    "env": {"UVICORN_APP_DIR": "/etc/app"},
    "resources": {"requests": {"cpu": "50m", "memory": "128Mi"}},
    # Shortens the time from the first unready answer to the drain, which the chart computes.
    "probes": {"readiness": {"periodSeconds": 1, "failureThreshold": 1}},
}
RETIRING = {**NEVER_RETIRING, "retire": {"memoryPercent": 85}}


def ends(release: Release) -> list[str]:
    """Returns how each container that was started again had ended."""
    return [
        f"{last['reason']} {last['exitCode']}"
        for pod in release.pods()
        for status in pod.obj["status"]["containerStatuses"]
        if (last := status["lastState"].get("terminated"))
    ]


def test_a_leaking_pod_retires_before_it_is_killed_and_loses_nothing(
    install: Install, record_property: Callable[[str, object], None]
) -> None:
    release, control = install_together(
        install, ("retiring", PORT, RETIRING), ("never-retiring", CONTROL_PORT, NEVER_RETIRING)
    )
    with probing(PORT) as tally, probing(CONTROL_PORT) as control_tally:
        what = f"{release.namespace}: {RETIREMENTS} pods started again"
        wait_until(lambda: len(ends(release)) >= RETIREMENTS, LEAK_SECONDS, what)
        what = f"{control.namespace}: a pod killed and a request lost"
        wait_until(lambda: ends(control) and control_tally.lost, LEAK_SECONDS, what)
    found, of_control = ends(release), ends(control)
    result = f"{found}, {tally}; control: {of_control}, lost {dict(control_tally.lost)}"
    record_property("note", result)

    # A container runtime may miss the event of the kernel's OOM killer, and then says Error.
    assert set(of_control) <= {"OOMKilled 137", "Error 137"}, (
        f"the control was not killed: {result}"
    )
    assert of_control, f"the control proves nothing: {result}"
    assert control_tally.lost, f"the control lost nothing: {result}"
    assert set(found) == {"Completed 0"}, f"{release.namespace}: a pod did not retire: {result}"
    assert not tally.lost, f"{release.namespace} lost requests: {result}"
