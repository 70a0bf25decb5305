"""The HPA scales up while a pod is busy, and down after the load."""

import json
from collections.abc import Iterator
from contextlib import ExitStack
from functools import partial
from typing import Any

import pytest

from cluster.release.names import image
from tests.e2e.conftest import Install
from tests.e2e.release import FULL_NAME, Release
from tests.support.in_parallel import in_parallel
from tests.support.load import load
from tests.support.waiting import stays_true, wait_until

pytestmark = pytest.mark.quiet

PORT = 8085
CONTROL_PORT = 8086
CLIENTS = 8
PATH = "/work?ms=50"
UP_SECONDS = 120
DOWN_SECONDS = 150
TWO_SYNCS_SECONDS = 35  # the HPA controller acts every 15 s
# A container without a CPU request, which disables an HPA that measures the whole pod.
SCRIPT = "import signal, sys; signal.signal(15, lambda *_: sys.exit()); signal.pause()"
SIDECAR = {
    "sidecars": [
        {"name": "proxy", "image": image("reference"), "command": ["python", "-c", SCRIPT]}
    ]
}
VALUES = {
    "drainSeconds": 1,
    "resources": {"requests": {"cpu": "100m"}},
    "autoscaling": {
        "minReplicas": 1,
        "maxReplicas": 3,
        "behavior": {"scaleDown": {"stabilizationWindowSeconds": 15}},
    },
}


def hpa_of(release: Release) -> dict[str, Any]:
    hpa = release.live("hpa", FULL_NAME)
    assert hpa is not None, f"HorizontalPodAutoscaler/{FULL_NAME} does not exist"
    return hpa


def has_metrics(release: Release) -> bool:
    listed = hpa_of(release)["status"].get("conditions", [])
    conditions = {c["type"]: c["status"] for c in listed}
    return conditions.get("ScalingActive") == "True"


def install_control(install: Install) -> Release:
    """A release whose target is above one core, which the chart itself refuses."""
    control = install("never-scaling", CONTROL_PORT, values=VALUES)
    target = {"type": "Utilization", "averageUtilization": 1200}
    patch = [{"op": "replace", "path": "/spec/metrics/0/containerResource/target", "value": target}]
    control.kubectl("patch", "hpa", FULL_NAME, "--type=json", f"--patch={json.dumps(patch)}")
    return control


@pytest.fixture(scope="module")
def releases(install: Install) -> tuple[Release, Release]:
    """The release and the control, installed together: an HPA needs half a minute to read CPU."""
    release, control = in_parallel(
        partial(install, "scaling", PORT, values=VALUES | SIDECAR),
        partial(install_control, install),
    )
    pair = release, control
    for release in pair:
        wait_until(partial(has_metrics, release), 90, f"{release.namespace}: HPA reads CPU")
    return pair


@pytest.fixture(scope="module")
def control_load() -> Iterator[ExitStack]:
    """Ends the load of the control when it is closed, at the latest after the module."""
    with ExitStack() as stack:
        yield stack


@pytest.fixture(scope="module")
def scaled(releases: tuple[Release, Release], control_load: ExitStack) -> tuple[Release, int]:
    """The release just after a load, and the pods that were ready at its end.

    The control's load begins at the same time, and goes on.
    """
    release, _ = releases
    assert release.ready_pods() == 1, f"before the load: {release.ready_pods()} pods, wanted 1"
    control_load.enter_context(load(CONTROL_PORT, PATH, CLIENTS))
    with load(PORT, PATH, CLIENTS):
        wait_until(lambda: release.ready_pods() >= 2, UP_SECONDS, "a second pod ready under load")
        return release, release.ready_pods()


def test_hpa_scales_up_under_load(scaled: tuple[Release, int]) -> None:
    release, pods = scaled
    assert pods >= 2, f"{release.namespace}: {pods} pods at the end of the load"


@pytest.mark.usefixtures("scaled")
def test_hpa_never_scales_with_a_target_that_one_process_cannot_reach(
    releases: tuple[Release, Release], control_load: ExitStack
) -> None:
    """The control, under the same load. Meanwhile the other release scales down."""
    _, control = releases

    def is_busy() -> bool:
        metrics = hpa_of(control)["status"].get("currentMetrics") or [{}]
        current = metrics[0].get("containerResource", {}).get("current", {})
        return int(current.get("averageUtilization", 0)) > 300

    def is_unchanged() -> bool:
        hpa, deployment = hpa_of(control), control.live("deployment", FULL_NAME)
        wanted = (hpa["status"]["desiredReplicas"], (deployment or {})["spec"]["replicas"])
        return wanted == (1, 1) and "lastScaleTime" not in hpa["status"]

    with control_load:
        wait_until(is_busy, UP_SECONDS, "the control's HPA seeing a pod at three times its request")
        stays_true(is_unchanged, TWO_SYNCS_SECONDS, "the control's HPA leaving it at one pod")


def test_hpa_scales_down_after_the_load(scaled: tuple[Release, int]) -> None:
    release, _ = scaled
    wait_until(lambda: release.ready_pods() == 1, DOWN_SECONDS, "one pod again after the load")
