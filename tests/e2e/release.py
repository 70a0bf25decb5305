"""Releases of the chart, each installed by helm in a dedicated namespace."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pykube
import yaml
from pytest_helm_charts.k8s.deployment import wait_for_deployments_to_run

from tests.support.commands import run
from tests.support.http_client import LOST, Answer, get
from tests.support.repository import CHART
from tests.support.waiting import wait_until

NAME = "demo"
FULL_NAME = f"{NAME}-uvicorn"
SELECTOR = {"app.kubernetes.io/instance": NAME, "app.kubernetes.io/name": "uvicorn"}
# Values of a control: plain uvicorn, started and probed as without this chart.
PLAIN_UVICORN: dict[str, Any] = {
    "runtime": "uvicorn",
    "drainSeconds": 0,
    "probes": {"startup": {"path": "/"}, "readiness": {"path": "/"}},
}
ROLLOUT_SECONDS = 120
ANSWER_SECONDS = 30


def node_port(port: int) -> int:
    """Returns the NodePort that a port on loopback leads to, as in cluster/kind.yaml."""
    return port - 8080 + 30080


@dataclass(frozen=True)
class Release:
    """One release in a dedicated namespace; `port` is where loopback reaches it.

    `program` is the Helm to use: `helm`, or `helm3` and `helm4` where the version matters.
    """

    client: pykube.HTTPClient
    namespace: str
    port: int | None = None
    files: tuple[Path, ...] = ()
    values: Mapping[str, Any] = field(default_factory=dict)
    program: str = "helm"
    chart: tuple[str, ...] = (str(CHART),)
    """The location of the chart, and the options that fetch it."""

    def upgrade(self) -> None:
        """Installs or upgrades without waiting."""
        self.helm("upgrade", "--install", NAME, *self.chart, *self._value_options())

    def install(self) -> None:
        """Installs or upgrades; waits until every pod is available and the port answers."""
        self.upgrade()
        wait_for_deployments_to_run(
            self.client, [FULL_NAME], self.namespace, ROLLOUT_SECONDS, missing_ok=False
        )
        # With an HPA the Deployment starts with one pod, and the HPA adds pods up to its minimum.
        what = f"the fewest pods that {self.namespace} allows"
        wait_until(self._has_fewest_pods, ROLLOUT_SECONDS, what)
        if self.port is not None:
            # The nodes learn of a new port a moment after its pods are ready.
            wait_until(self.answers, ANSWER_SECONDS, f"{self.namespace} answering on its port")

    def _has_fewest_pods(self) -> bool:
        hpa = self.live("hpa", FULL_NAME)
        return self.ready_pods() >= (int(hpa["spec"]["minReplicas"]) if hpa else 1)

    def ready_pods(self) -> int:
        """Returns the number of ready pods of the Deployment, which must exist."""
        deployment = self.live("deployment", FULL_NAME)
        assert deployment is not None, f"{self.namespace}: Deployment/{FULL_NAME} does not exist"
        return int(deployment["status"].get("readyReplicas", 0))

    def get(self, path: str, **headers: str) -> Answer:
        """Sends a GET to the release's port on a fresh connection."""
        assert self.port is not None, f"the release in {self.namespace} has no port"
        return get(self.port, path, **headers)

    def answers(self) -> bool:
        """Whether the app answers `/` with 200."""
        try:
            return self.get("/").status == 200
        except LOST:
            return False

    def render(self) -> list[dict[str, Any]]:
        """Returns the manifests that the chart renders for this release, without hooks."""
        text = self.helm("template", NAME, *self.chart, "--no-hooks", *self._value_options())
        return [manifest for manifest in yaml.safe_load_all(text) if manifest]

    def _value_options(self) -> list[str]:
        values = dict(self.values)
        if self.port is not None:
            values["service"] = {"type": "NodePort", "nodePort": node_port(self.port)}
        return [f"--values={file}" for file in self.files] + [
            f"--set-json={key}={json.dumps(value)}" for key, value in values.items()
        ]

    def helm(self, *arguments: str) -> str:
        """Returns the output of helm in this release's namespace."""
        return run(self.program, f"--namespace={self.namespace}", *arguments)

    def kubectl(self, *arguments: str) -> str:
        """Returns the output of kubectl in this release's namespace."""
        return run("kubectl", f"--namespace={self.namespace}", *arguments)

    def live(self, kind: str, name: str) -> dict[str, Any] | None:
        """Returns an object from the API server, or None if it does not exist."""
        listed = json.loads(self.kubectl("get", kind, "--output=json"))["items"]
        return next((item for item in listed if item["metadata"]["name"] == name), None)

    def pods(self) -> list[pykube.Pod]:
        """Returns the Deployment's pods, except for terminating ones."""
        found = pykube.Pod.objects(self.client, namespace=self.namespace).filter(selector=SELECTOR)
        return [pod for pod in found if "deletionTimestamp" not in pod.metadata]

    def metrics(self, pod: pykube.Pod) -> str:
        """Returns what a pod's management port serves at /metrics."""
        path = f"/api/v1/namespaces/{self.namespace}/pods/{pod.name}:9000/proxy/metrics"
        return self.kubectl("get", f"--raw={path}")

    def exec_python(self, pod: pykube.Pod, script: str) -> str:
        """Runs a Python script in a pod's first container; the image has no shell."""
        return self.kubectl("exec", pod.name, "--", "python", "-c", script)
