"""A process that is killed is restarted in place, and Kubernetes counts the restart."""

import pytest

from tests.e2e.conftest import Install
from tests.e2e.release import Release
from tests.support.commands import run
from tests.support.waiting import wait_until

PORT = 8084


@pytest.fixture(scope="module")
def release(install: Install) -> Release:
    values = {"autoscaling": {"enabled": False}, "replicaCount": 1, "drainSeconds": 1}
    return install("recovery", PORT, values=values)


def test_a_killed_process_is_restarted_and_serves_again(release: Release) -> None:
    (pod,) = release.pods()
    status = pod.obj["status"]["containerStatuses"][0]
    assert status["restartCount"] == 0, f"Pod/{pod.name}: {status['restartCount']} restarts before"
    container = status["containerID"].removeprefix("containerd://")

    # From the node, because SIGKILL from inside the namespace does not reach its first process.
    node = pod.obj["spec"]["nodeName"]
    ctr = ["ctr", "--namespace=k8s.io", "tasks", "kill", "--signal=SIGKILL", container]
    run("docker", "exec", node, *ctr)

    def restarts() -> int:
        pod.reload()
        return int(pod.obj["status"]["containerStatuses"][0]["restartCount"])

    wait_until(lambda: restarts() == 1, 60, f"Pod/{pod.name} restarted once")
    wait_until(release.answers, 60, f"{release.namespace} serving again")
    assert [p.name for p in release.pods()] == [pod.name], "the pod was replaced, not restarted"
