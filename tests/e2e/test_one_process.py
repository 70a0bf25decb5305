"""Every pod runs one uvicorn process on uvloop and httptools, as /proc in the live pod shows."""

import json
from dataclasses import dataclass

import pykube
import pytest

from tests.e2e.conftest import Install
from tests.e2e.release import Release
from tests.support.waiting import wait_until

PORT = 8083
NAIVE = "naive"

READ_PROC = """
import json, os
processes = {}
for pid in filter(str.isdigit, os.listdir("/proc")):
    if int(pid) == os.getpid():
        continue
    with open(f"/proc/{pid}/cmdline") as command, open(f"/proc/{pid}/maps") as maps:
        processes[pid] = {"command": command.read().split("\\0"), "maps": maps.read()}
print(json.dumps(processes))
"""


@dataclass(frozen=True)
class Process:
    """A process in a pod, from its /proc: its command line and its memory map."""

    command: list[str]
    maps: str

    def has_loaded(self, module: str) -> bool:
        return f"/{module}/" in self.maps


def processes(release: Release, pod: pykube.Pod) -> list[Process]:
    """Returns all processes in a pod's container, except for the one that reads /proc."""
    return [Process(**seen) for seen in json.loads(release.exec_python(pod, READ_PROC)).values()]


@pytest.fixture(scope="module")
def release(install: Install) -> Release:
    return install("one-process", PORT, values={"drainSeconds": 1})


def test_every_pod_runs_exactly_one_process(release: Release) -> None:
    pods = release.pods()
    assert len(pods) >= 2, f"Deployment in {release.namespace}: {len(pods)} pods, wanted 2"
    for pod in pods:
        found = [process.command for process in processes(release, pod)]
        assert len(found) == 1, f"Pod/{pod.name}: processes {found}, wanted one"
        assert any("uvicorn" in part for part in found[0]), f"Pod/{pod.name}: runs {found[0]}"


@pytest.mark.parametrize("module", ["uvloop", "httptools"])
def test_every_pod_has_loaded_the_library(release: Release, module: str) -> None:
    pods = release.pods()
    assert pods, f"no pods in {release.namespace}"
    for pod in pods:
        (process,) = processes(release, pod)
        assert process.has_loaded(module), f"Pod/{pod.name}: {module} is not in its memory map"


def test_the_app_reports_uvloop_and_httptools(release: Release) -> None:
    found = json.loads(release.get("/").body)
    assert "uvloop" in found["loop"], f"/: loop {found['loop']}, wanted uvloop's"
    assert "httptools" in found["http"], f"/: http {found['http']}, wanted httptools'"


def test_a_naive_pod_runs_several_processes_and_neither_library(release: Release) -> None:
    """The control starts uvicorn with two workers on asyncio and h11."""
    (spec,) = [pod.obj["spec"] for pod in release.pods()][:1]
    container = spec["containers"][0]
    manifest = {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": NAIVE, "namespace": release.namespace},
        "spec": {
            "securityContext": spec["securityContext"],
            "containers": [
                {
                    "name": "app",
                    "image": container["image"],
                    "command": ["uvicorn", "reference.main:app", "--workers=2"],
                    "args": ["--loop=asyncio", "--http=h11"],
                    "securityContext": container["securityContext"],
                }
            ],
        },
    }
    naive = pykube.Pod(release.client, manifest)
    naive.create()
    found = wait_until(
        lambda: _when_started(release, naive), 60, "the naive pod running several processes"
    )
    for module in ("uvloop", "httptools"):
        assert not any(p.has_loaded(module) for p in found), f"Pod/{NAIVE}: {module} is loaded"


def _when_started(release: Release, pod: pykube.Pod) -> list[Process]:
    pod.reload()
    if pod.obj["status"]["phase"] != "Running":
        return []
    found = processes(release, pod)
    return found if len(found) >= 3 else []
