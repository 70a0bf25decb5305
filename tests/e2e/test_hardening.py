"""A pod has no privileges, no shell, no writable folder except for /tmp, and no token."""

import json
import subprocess

import pykube
import pytest

from tests.e2e.conftest import Install
from tests.e2e.release import Release

LEAST_USER_ID = 10_000

INSPECT = """
import json, os
def can_write(place):
    try:
        with open(f"{place}/probe", "w"):
            return True
    except OSError:
        return False
print(json.dumps({
    "user": os.getuid(),
    "writable": [p for p in ("/", "/app", "/opt/venv", "/usr", "/etc", "/tmp") if can_write(p)],
    "token": os.path.exists("/var/run/secrets/kubernetes.io/serviceaccount/token"),
    "capabilities": [l.split()[1] for l in open("/proc/self/status") if l.startswith("CapEff")],
}))
"""


@pytest.fixture(scope="module")
def release(install: Install) -> Release:
    return install("hardening", values={"drainSeconds": 1})


def test_pods_have_no_capability_and_no_token_and_write_only_to_tmp(release: Release) -> None:
    pods = release.pods()
    assert pods, f"no pods in {release.namespace}"
    for pod in pods:
        found = json.loads(release.exec_python(pod, INSPECT))
        assert found["user"] >= LEAST_USER_ID, f"Pod/{pod.name}: runs as user {found['user']}"
        wanted = ["/tmp"]  # noqa: S108 - the pod's, not this machine's
        assert found["writable"] == wanted, f"Pod/{pod.name}: can write to {found['writable']}"
        assert not found["token"], f"Pod/{pod.name}: has a service account token"
        assert int(found["capabilities"][0], 16) == 0, f"Pod/{pod.name}: {found['capabilities']}"


@pytest.mark.parametrize("program", ["sh", "bash", "apt-get", "dpkg", "pip"])
def test_the_image_holds_no_shell_and_no_package_manager(release: Release, program: str) -> None:
    (pod, *_) = release.pods()
    command = ["kubectl", f"--namespace={release.namespace}", "exec", pod.name, "--", program]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode != 0, f"Pod/{pod.name}: runs {program}"
    assert "executable file not found" in done.stderr, f"Pod/{pod.name}: {done.stderr}"


def test_a_pod_without_these_settings_is_refused_by_the_namespace(release: Release) -> None:
    """The control is the same image in the same namespace, as a bare pod."""
    (pod, *_) = release.pods()
    manifest = {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": "bare", "namespace": release.namespace},
        "spec": {
            "containers": [{"name": "app", "image": pod.obj["spec"]["containers"][0]["image"]}]
        },
    }
    with pytest.raises(pykube.exceptions.HTTPError, match="violates PodSecurity"):
        pykube.Pod(release.client, manifest).create()
