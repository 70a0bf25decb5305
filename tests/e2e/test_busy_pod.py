"""A pod that is only busy is neither restarted nor taken out of its Service.

Both releases run the same app under the same load at the same time, each bound to half a core: what
is left of two cores is for the clients and the cluster.
"""

import json
import subprocess
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.e2e.conftest import Install
from tests.e2e.release import FULL_NAME, Release, run
from tests.support.load import load

pytestmark = pytest.mark.quiet

PORT = 8081
CONTROL_PORT = 8082
BUSY_SECONDS = 90
CLIENTS = 32
WORK = "/work?ms=80"
POD = {
    "autoscaling": {"enabled": False},
    "replicaCount": 1,
    "drainSeconds": 1,
    "resources": {"requests": {"cpu": "500m"}, "limits": {"cpu": "500m"}},
}
NAIVE = {
    **POD,
    "runtime": "uvicorn",
    "drainSeconds": 0,
    "probes": {"startup": {"path": "/"}, "readiness": {"path": "/"}},
}
READY = "{.endpoints[*].conditions.ready}{' '}{.endpoints[*].targetRef.name}{'\\n'}"


def probes_of_helm_create(folder: Path) -> dict[str, Any]:
    """The probes, and the absence of a third, that a new chart of Helm's own renders."""
    run("helm", "create", str(folder / "fresh"))
    for manifest in yaml.safe_load_all(run("helm", "template", str(folder / "fresh"))):
        if manifest and manifest["kind"] == "Deployment":
            (container,) = manifest["spec"]["template"]["spec"]["containers"]
            names = ("livenessProbe", "readinessProbe", "startupProbe")
            return {name: container.get(name) for name in names}
    pytest.fail("helm create renders no Deployment")


def restarts(release: Release) -> int:
    return sum(
        int(status["restartCount"])
        for pod in release.pods()
        for status in pod.obj["status"]["containerStatuses"]
    )


@contextmanager
def watching_endpoints(release: Release, folder: Path) -> Iterator[list[str]]:
    """Holds, once the block has ended, what the Service's EndpointSlice said each time it changed.

    Each line is `true POD` as long as the one pod is there and ready.
    """
    lines: list[str] = []
    said = folder / f"{release.namespace}-endpoints"
    command = ["kubectl", f"--namespace={release.namespace}", "get", "endpointslices", "--watch"]
    selector = f"--selector=kubernetes.io/service-name={FULL_NAME}"
    with said.open("w") as sink:
        watch = subprocess.Popen([*command, selector, f"--output=jsonpath={READY}"], stdout=sink)
        try:
            yield lines
        finally:
            watch.terminate()
            watch.wait()
            lines += said.read_text().splitlines()


def test_a_busy_pod_is_left_alone_and_a_naive_one_is_restarted(
    install: Install, tmp_path: Path
) -> None:
    release = install("busy", PORT, values=POD)
    control = install("busy-naive", CONTROL_PORT, values=NAIVE)
    helm_create = probes_of_helm_create(tmp_path)
    containers = {"containers": [{"name": "app", **helm_create}]}
    patch = {"spec": {"template": {"spec": containers}}}
    control.kubectl("patch", "deployment", FULL_NAME, f"--patch={json.dumps(patch)}")
    control.kubectl("rollout", "status", f"deployment/{FULL_NAME}", "--timeout=120s")
    (pod,) = release.pods()

    with (
        watching_endpoints(release, tmp_path) as seen,
        watching_endpoints(control, tmp_path) as seen_of_control,
        load(PORT, WORK, CLIENTS) as tally,
        load(CONTROL_PORT, WORK, CLIENTS) as tally_of_control,
    ):
        time.sleep(BUSY_SECONDS)
    told = describe(release, tally, seen)
    told_of_control = describe(control, tally_of_control, seen_of_control)
    print(f"{told}\n{told_of_control}")

    assert restarts(control) >= 2, (
        f"the control was left alone, so it proves nothing: {told_of_control}"
    )
    assert restarts(release) == 0, told
    assert seen, f"nothing was seen of the EndpointSlice in {release.namespace}"
    assert set(seen) == {f"true {pod.name}"}, told
    assert set(tally) == {"200"}, told
    assert tally["200"] * 0.08 > BUSY_SECONDS / 4, f"the pod was not kept busy: {told}"


def describe(release: Release, tally: Counter[str], seen: list[str]) -> str:
    return (
        f"{release.namespace}: {restarts(release)} restarts, requests {dict(tally)}, "
        f"endpoints {dict(Counter(line.split(' ')[0] for line in seen))}"
    )
