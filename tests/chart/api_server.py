"""A minimal Kubernetes API server, in which `helm template --dry-run=server` finds objects."""

import json
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import yaml

KINDS = {
    "v1": {"Service": "services", "ServiceAccount": "serviceaccounts", "Pod": "pods"},
    "apps/v1": {"Deployment": "deployments"},
    "autoscaling/v2": {"HorizontalPodAutoscaler": "horizontalpodautoscalers"},
    "keda.sh/v1alpha1": {"ScaledObject": "scaledobjects"},
    "policy/v1": {"PodDisruptionBudget": "poddisruptionbudgets"},
}


def resources(version: str) -> dict[str, Any]:
    listed = [
        {"name": name, "kind": kind, "namespaced": True, "verbs": ["get", "list"]}
        for kind, name in KINDS[version].items()
    ]
    return {"kind": "APIResourceList", "groupVersion": version, "resources": listed}


def discovery() -> dict[str, Any]:
    groups = []
    for version in KINDS:
        group, _, number = version.rpartition("/")
        if group:
            one = {"groupVersion": version, "version": number}
            groups.append({"name": group, "versions": [one], "preferredVersion": one})
    answers: dict[str, Any] = {
        "/version": {"major": "1", "minor": "37", "gitVersion": "v1.37.0"},
        "/api": {"kind": "APIVersions", "versions": ["v1"]},
        "/apis": {"kind": "APIGroupList", "apiVersion": "v1", "groups": groups},
    }
    for version in KINDS:
        answers[f"/{'apis' if '/' in version else 'api'}/{version}"] = resources(version)
    return answers


@contextmanager
def api_server(objects: Mapping[str, Any], folder: Path) -> Iterator[Path]:
    """Serves only these objects (path → object). Yields the path of a kubeconfig."""
    answers = discovery() | dict(objects)

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            found = answers.get(self.path.partition("?")[0])
            missing = {"kind": "Status", "apiVersion": "v1", "status": "Failure"}
            missing |= {"reason": "NotFound", "code": 404, "message": f"no {self.path}"}  # type: ignore[dict-item] # JSON
            body = json.dumps(missing if found is None else found).encode()
            self.send_response(404 if found is None else 200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Logs nothing, because the tests read Helm's output."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        url = f"http://127.0.0.1:{server.server_address[1]}"
        config = {
            "apiVersion": "v1",
            "kind": "Config",
            "clusters": [{"name": "it", "cluster": {"server": url}}],
            "contexts": [{"name": "it", "context": {"cluster": "it", "user": ""}}],
            "current-context": "it",
        }
        path = folder / "kubeconfig"
        path.write_text(yaml.safe_dump(config))
        try:
            yield path
        finally:
            server.shutdown()
