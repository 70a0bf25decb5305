"""Serves the few metrics of kube-state-metrics that the chart uses, from the real API.

Runs in a pod, with nothing but the standard library.
"""

import json
import ssl
from collections.abc import Iterator
from contextlib import closing
from http.client import HTTPSConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

PORT = 8000
API = "kubernetes.default.svc"
ACCOUNT = Path("/var/run/secrets/kubernetes.io/serviceaccount")
PODS = "/api/v1/pods"
HPAS = "/apis/autoscaling/v2/horizontalpodautoscalers"
UNITS = {"m": 1e-3, "k": 1e3, "M": 1e6, "G": 1e9, "Ki": 2**10, "Mi": 2**20, "Gi": 2**30}


def quantity(text: str) -> float:
    """A quantity of Kubernetes as a number: cores or bytes."""
    for unit in sorted(UNITS, key=len, reverse=True):
        if text.endswith(unit):
            return float(text.removesuffix(unit)) * UNITS[unit]
    return float(text)


def listed(path: str) -> list[dict[str, Any]]:
    """The objects of all namespaces."""
    token = (ACCOUNT / "token").read_text()
    context = ssl.create_default_context(cafile=ACCOUNT / "ca.crt")
    api = HTTPSConnection(API, timeout=5, context=context)
    with closing(api):
        api.request("GET", path, headers={"Authorization": f"Bearer {token}"})
        found: list[dict[str, Any]] = json.load(api.getresponse())["items"]
        return found


def sample(name: str, value: object, **labels: str) -> str:
    """One line of the text format."""
    shown = ",".join(f'{key}="{text}"' for key, text in labels.items())
    return f"{name}{{{shown}}} {value}"


def pod_samples(pod: dict[str, Any]) -> Iterator[str]:
    """Restarts and limits of a pod's containers."""
    about = {"namespace": pod["metadata"]["namespace"], "pod": pod["metadata"]["name"]}
    for status in pod["status"].get("containerStatuses", []):
        name = "kube_pod_container_status_restarts_total"
        yield sample(name, status["restartCount"], **about, container=status["name"])
    for container in pod["spec"]["containers"]:
        for resource, limit in container.get("resources", {}).get("limits", {}).items():
            unit = {"cpu": "core", "memory": "byte"}.get(resource)
            if unit:
                yield sample(
                    "kube_pod_container_resource_limits", quantity(limit), **about,
                    container=container["name"], resource=resource, unit=unit,
                )  # fmt: skip


def hpa_samples(hpa: dict[str, Any]) -> Iterator[str]:
    """Bounds and number of replicas of an HPA."""
    about = {
        "namespace": hpa["metadata"]["namespace"],
        "horizontalpodautoscaler": hpa["metadata"]["name"],
    }
    start = "kube_horizontalpodautoscaler"
    yield sample(f"{start}_spec_min_replicas", hpa["spec"].get("minReplicas", 1), **about)
    yield sample(f"{start}_spec_max_replicas", hpa["spec"]["maxReplicas"], **about)
    current = hpa["status"].get("currentReplicas", 0)
    yield sample(f"{start}_status_current_replicas", current, **about)


class Handler(BaseHTTPRequestHandler):
    """Answers each request with the metrics of this moment."""

    def do_GET(self) -> None:
        lines = [line for pod in listed(PODS) for line in pod_samples(pod)]
        lines += [line for hpa in listed(HPAS) for line in hpa_samples(hpa)]
        body = "".join(f"{line}\n" for line in lines).encode()
        self.send_response(200)
        self.send_header("Content-Type", "text/plain; version=0.0.4")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Logs no request."""


if __name__ == "__main__":
    ThreadingHTTPServer(("", PORT), Handler).serve_forever()
