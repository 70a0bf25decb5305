"""The HPA follows the load: up when a pod is busy, down again when it is not."""

import json

import pytest

from tests.cluster.conftest import Install
from tests.cluster.load import load
from tests.cluster.release import FULL_NAME, Release
from tests.waiting import wait_until

PORT = 8085
CONTROL_PORT = 8086
CLIENTS = 8
UP_SECONDS = 120
DOWN_SECONDS = 150
VALUES = {
    "drainSeconds": 1,
    "resources": {"requests": {"cpu": "100m"}},
    "autoscaling": {
        "minReplicas": 1,
        "maxReplicas": 3,
        "behavior": {"scaleDown": {"stabilizationWindowSeconds": 15}},
    },
}


def ready_pods(release: Release) -> int:
    live = release.live("deployment", FULL_NAME)
    assert live is not None, f"Deployment/{FULL_NAME} is not there"
    return int(live["status"].get("readyReplicas", 0))


def has_metrics(release: Release) -> bool:
    hpa = release.live("hpa", FULL_NAME)
    assert hpa is not None, f"HorizontalPodAutoscaler/{FULL_NAME} is not there"
    conditions = {c["type"]: c["status"] for c in hpa["status"].get("conditions", [])}
    return conditions.get("ScalingActive") == "True"


@pytest.fixture(scope="module")
def release(install: Install) -> Release:
    release = install("scaling", PORT, values=VALUES)
    wait_until(lambda: has_metrics(release), 90, "the HPA reading CPU")
    return release


def test_load_takes_the_deployment_up_and_its_end_back_down(release: Release) -> None:
    assert ready_pods(release) == 1, f"before the load: {ready_pods(release)} pods, wanted 1"
    with load(PORT, "/work?ms=50", CLIENTS):
        wait_until(lambda: ready_pods(release) >= 2, UP_SECONDS, "a second pod ready under load")
    wait_until(lambda: ready_pods(release) == 1, DOWN_SECONDS, "one pod again after the load")


def test_an_hpa_whose_target_one_process_cannot_reach_never_fires(install: Install) -> None:
    """The control: request times target of one core and more, which the chart itself refuses."""
    control = install("never-scaling", CONTROL_PORT, values=VALUES)
    hpa = control.live("hpa", FULL_NAME)
    assert hpa is not None, f"HorizontalPodAutoscaler/{FULL_NAME} is not there"
    target = {"type": "Utilization", "averageUtilization": 1200}
    patch = [{"op": "replace", "path": "/spec/metrics/0/containerResource/target", "value": target}]
    control.kubectl("patch", "hpa", FULL_NAME, "--type=json", f"--patch={json.dumps(patch)}")
    wait_until(lambda: has_metrics(control), 90, "the control's HPA reading CPU")

    def is_busy() -> bool:
        live = control.live("hpa", FULL_NAME)
        metrics = (live or {}).get("status", {}).get("currentMetrics") or [{}]
        current = metrics[0].get("containerResource", {}).get("current", {})
        return int(current.get("averageUtilization", 0)) > 300

    with load(CONTROL_PORT, "/work?ms=50", CLIENTS):
        # By then the HPA of the other test would have added a pod: it has seen the same load.
        wait_until(is_busy, UP_SECONDS, "the control's HPA seeing a pod at three times its request")
    assert ready_pods(control) == 1, f"the control has {ready_pods(control)} pods, wanted 1"
