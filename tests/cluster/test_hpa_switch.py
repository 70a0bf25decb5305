"""Turning the HPA on in a live release never drops a pod, nor does any upgrade after that."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

import pytest

from tests.cluster.conftest import Install
from tests.cluster.release import FULL_NAME, Release
from tests.waiting import wait_until

PORT = 8087
PODS = 3
FIXED = {
    "drainSeconds": 1,
    "resources": {"requests": {"cpu": "50m"}},
    "autoscaling": {"enabled": False},
    "replicaCount": PODS,
}
# As many pods at least as ran: what the HPA would take away on its own is not this test's matter.
SCALED = FIXED | {"autoscaling": {"enabled": True, "minReplicas": PODS, "maxReplicas": 5}}


def wanted_pods(release: Release) -> int:
    live = release.live("deployment", FULL_NAME)
    assert live is not None, f"Deployment/{FULL_NAME} is not there"
    return int(live["spec"]["replicas"])


@contextmanager
def lowest_number(release: Release) -> Iterator[list[int]]:
    """Every number of replicas that the Deployment is told while the block runs."""
    seen: list[int] = [wanted_pods(release)]
    stop = threading.Event()

    def watch() -> None:
        while not stop.is_set():
            seen.append(wanted_pods(release))
            stop.wait(0.05)

    thread = threading.Thread(target=watch, daemon=True)
    thread.start()
    try:
        yield seen
    finally:
        stop.set()
        thread.join(timeout=15)


def generation_log(release: Release) -> list[str]:
    """What the Deployment controller said of scaling: it sees each number, however short-lived."""
    said = release.kubectl(
        "get", "events", "--field-selector=reason=ScalingReplicaSet",
        "--output=jsonpath={range .items[*]}{.message}{'\\n'}{end}",
    )  # fmt: skip
    return said.splitlines()


@pytest.fixture(scope="module")
def release(install: Install) -> Release:
    release = install("hpa-switch", PORT, values=FIXED)
    wait_until(lambda: len(release.pods()) == PODS, 60, f"{PODS} pods")
    return release


def test_switching_the_hpa_on_keeps_every_pod(release: Release) -> None:
    before = {pod.name for pod in release.pods()}
    with lowest_number(release) as seen:
        replace(release, values=SCALED).install()
    assert min(seen) >= PODS, f"Deployment/{FULL_NAME}: replicas went through {seen}"
    assert {pod.name for pod in release.pods()} == before, f"pods were replaced: {before}"
    assert release.live("hpa", FULL_NAME), f"HorizontalPodAutoscaler/{FULL_NAME} is not there"
    downs = [text for text in generation_log(release) if "down" in text]
    assert not downs, f"Deployment/{FULL_NAME} was scaled down: {downs}"


def test_an_upgrade_after_the_hpa_scaled_keeps_its_number(release: Release) -> None:
    """The HPA's own change, through the scale subresource, and then an upgrade of the release."""
    scaled = replace(release, values=SCALED | {"autoscaling": {"minReplicas": 4, "maxReplicas": 5}})
    scaled.install()
    wait_until(lambda: wanted_pods(release) == 4, 90, "the HPA raising the number to its minimum")
    wait_until(lambda: len(release.pods()) == 4, 60, "4 pods")
    with lowest_number(release) as seen:
        replace(scaled, values={**scaled.values, "deploymentAnnotations": {"again": "1"}}).install()
    assert set(seen) == {4}, f"Deployment/{FULL_NAME}: replicas went through {seen}"


def test_taking_replicas_out_of_the_manifest_drops_pods(install: Install) -> None:
    """The control: the same switch without the memory of what was rendered."""
    control = install("hpa-switch-control", values=FIXED)
    wait_until(lambda: len(control.pods()) == PODS, 60, f"{PODS} pods")
    control.kubectl("annotate", "deployment", FULL_NAME, "uvicorn-pod/replicas-")
    with lowest_number(control) as seen:
        replace(control, values=SCALED).install()
    downs = [text for text in generation_log(control) if "down" in text]
    assert downs or min(seen) < PODS, (
        f"the control kept its pods: {seen}, {generation_log(control)}"
    )
