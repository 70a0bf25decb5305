"""A node drain may evict one pod, but not two at a time."""

import json
import subprocess

import pytest

from tests.e2e.conftest import Install
from tests.e2e.release import FULL_NAME, Release
from tests.support.waiting import wait_until


@pytest.fixture(scope="module")
def release(install: Install) -> Release:
    values = {"autoscaling": {"enabled": False}, "replicaCount": 2, "drainSeconds": 1}
    return install("disruption-budget", values=values)


def evict(release: Release, pod: str) -> str:
    """Evicts a pod, as `kubectl drain` does; returns the answer of the API server."""
    meta = {"name": pod, "namespace": release.namespace}
    eviction = {"apiVersion": "policy/v1", "kind": "Eviction", "metadata": meta}
    path = f"/api/v1/namespaces/{release.namespace}/pods/{pod}/eviction"
    done = subprocess.run(
        ["kubectl", "create", "--raw", path, "--filename=-"],
        input=json.dumps(eviction),
        capture_output=True,
        text=True,
        check=False,
    )
    return done.stdout + done.stderr


def test_one_pod_may_be_evicted_but_not_two_at_a_time(release: Release) -> None:
    def may_go() -> bool:
        budget = release.live("pdb", FULL_NAME) or {}
        return int(budget["status"]["disruptionsAllowed"]) == 1

    wait_until(may_go, 30, f"PodDisruptionBudget/{FULL_NAME} allows one eviction")
    first, second = (pod.name for pod in release.pods())
    answer = evict(release, first)
    assert "Success" in answer, f"the first, {first}: {answer}"
    answer = evict(release, second)
    refusal = "would violate the pod's disruption budget"
    assert refusal in answer, f"the second, {second}: {answer}"
