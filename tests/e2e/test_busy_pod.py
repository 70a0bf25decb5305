"""A busy pod is neither restarted nor removed from its Service.

Two releases run the same app under the same load at the same time, each limited to half a core. Of
two cores, the rest is for the clients and the cluster.
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

from tests.e2e.conftest import Install, install_together
from tests.e2e.release import FULL_NAME, PLAIN_UVICORN, Release
from tests.support.commands import run
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
NAIVE = POD | PLAIN_UVICORN
READY = "{.endpoints[*].conditions.ready}{' '}{.endpoints[*].targetRef.name}{'\\n'}"


def probes_of_helm_create(folder: Path) -> dict[str, Any]:
    """Returns the probes of a chart from `helm create`; a probe that it lacks is None."""
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
    """Records each state of the Service's EndpointSlice; the list is complete after the block.

    A line is `true POD` while the only pod exists and is ready.
    """
    lines: list[str] = []
    log = folder / f"{release.namespace}-endpoints"
    command = ["kubectl", f"--namespace={release.namespace}", "get", "endpointslices", "--watch"]
    selector = f"--selector=kubernetes.io/service-name={FULL_NAME}"
    with log.open("w") as sink:
        watch = subprocess.Popen([*command, selector, f"--output=jsonpath={READY}"], stdout=sink)
        try:
            yield lines
        finally:
            watch.terminate()
            watch.wait()
            lines += log.read_text().splitlines()


def test_a_busy_pod_is_left_alone_and_a_naive_one_is_restarted(
    install: Install, tmp_path: Path
) -> None:
    release, control = install_together(
        install, ("busy", PORT, POD), ("busy-naive", CONTROL_PORT, NAIVE)
    )
    helm_create = probes_of_helm_create(tmp_path)
    containers = {"containers": [{"name": "app", **helm_create}]}
    patch = {"spec": {"template": {"spec": containers}}}
    control.kubectl("patch", "deployment", FULL_NAME, f"--patch={json.dumps(patch)}")
    control.kubectl("rollout", "status", f"deployment/{FULL_NAME}", "--timeout=120s")
    (pod,) = release.pods()
    assert restarts(control) == 0, f"{control.namespace} restarted before the load"

    with (
        watching_endpoints(release, tmp_path) as states,
        watching_endpoints(control, tmp_path) as control_states,
        load(PORT, WORK, CLIENTS) as tally,
        load(CONTROL_PORT, WORK, CLIENTS) as control_tally,
    ):
        time.sleep(BUSY_SECONDS)
    result = describe(release, tally, states)
    control_result = describe(control, control_tally, control_states)
    print(f"{result}\n{control_result}")

    assert restarts(control) >= 2, (
        f"the control was not restarted, so it proves nothing: {control_result}"
    )
    assert restarts(release) == 0, result
    assert states, f"the watch saw no EndpointSlice in {release.namespace}"
    assert set(states) == {f"true {pod.name}"}, result
    assert set(tally) == {"200"}, result
    assert tally["200"] * 0.08 > BUSY_SECONDS / 4, f"the pod was not kept busy: {result}"


def describe(release: Release, tally: Counter[str], states: list[str]) -> str:
    return (
        f"{release.namespace}: {restarts(release)} restarts, requests {dict(tally)}, "
        f"endpoints {dict(Counter(line.split(' ')[0] for line in states))}"
    )
