"""`helm test`: its pod, and its script against a good and a bad Service."""

import gzip
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from tests.chart.manifests import FULL_NAME, Manifest, of_kind, render
from tests.support.repository import CHART

DIGEST = "sha256:" + "b" * 64
OTHER = {"startup": {"path": "/"}, "readiness": {"path": "/"}}


def pod_from(values: dict[str, object]) -> Manifest:
    found = of_kind(render(values), "Pod")
    assert len(found) == 1, f"wanted one test pod, rendered {len(found)}"
    return found[0]


def test_pod_is_deleted_after_success() -> None:
    annotations = pod_from({})["metadata"]["annotations"]
    wanted = {
        "helm.sh/hook": "test",
        "helm.sh/hook-delete-policy": "before-hook-creation,hook-succeeded",
    }
    assert annotations == wanted, f"Pod/{FULL_NAME}-test: {annotations}, wanted {wanted}"


@pytest.mark.parametrize(
    ("runtime", "image"),
    [
        ("uvicorn-pod", "shop/api:1.2.3"),
        ("uvicorn", f"shop/python@{DIGEST}"),
        ("image", f"shop/python@{DIGEST}"),
    ],
)
def test_pod_runs_an_image_with_python(runtime: str, image: str) -> None:
    values: dict[str, object] = {
        "runtime": runtime,
        "app": "shop.main:app",
        "image": {"repository": "shop/api", "tag": "1.2.3"},
        "tests": {"image": {"repository": "shop/python", "digest": DIGEST}},
    }
    if runtime != "uvicorn-pod":
        values["probes"] = OTHER
    found = pod_from(values)["spec"]["containers"][0]["image"]
    assert found == image, f"Pod/{FULL_NAME}-test: image {found}, wanted {image}"


def test_pod_has_a_deadline_and_is_not_restarted() -> None:
    spec = pod_from({})["spec"]
    found = spec["activeDeadlineSeconds"], spec["restartPolicy"]
    assert found == (120, "Never"), f"Pod/{FULL_NAME}-test: {found}, wanted (120, Never)"


def test_pod_requests_and_limits_its_disk_space() -> None:
    """A namespace with a ResourceQuota for it refuses other pods."""
    resources = pod_from({})["spec"]["containers"][0]["resources"]
    found = [resources[kind].get("ephemeral-storage") for kind in ("requests", "limits")]
    assert found == ["8Mi", "32Mi"], f"Pod/{FULL_NAME}-test: ephemeral-storage {found}"


def test_pod_runs_the_script_without_a_shell() -> None:
    container = pod_from({})["spec"]["containers"][0]
    script = (CHART / "files" / "check_service.py").read_text()
    found = [*container["command"], *container["args"]]
    assert found == ["python", "-c", script], f"Pod/{FULL_NAME}-test: runs {found[:2]}"


def test_pod_gets_its_settings_from_the_values() -> None:
    values: dict[str, object] = {
        "service": {"port": 8088},
        "tests": {"path": "/sentinel"},
        "gzip": {"enabled": False, "minimumSize": 77},
    }
    env = pod_from(values)["spec"]["containers"][0]["env"]
    found = {entry["name"]: entry["value"] for entry in env}
    wanted = {
        "SERVICE_HOST": FULL_NAME,
        "SERVICE_PORT": "8088",
        "SERVICE_PATH": "/sentinel",
        "RUNTIME": "uvicorn-pod",
        "GZIP_ENABLED": "false",
        "GZIP_MINIMUM_SIZE": "77",
    }
    assert found == wanted, f"Pod/{FULL_NAME}-test: env {found}, wanted {wanted}"


def test_pod_can_be_turned_off() -> None:
    found = of_kind(render({"tests": {"enabled": False}}), "Pod")
    assert not found, f"Pod: {found}, wanted none"


class Handler(BaseHTTPRequestHandler):
    """Answers GET /STATUS/SIZE/ENCODING. `auto` stands for the encoding that the client accepts."""

    def do_GET(self) -> None:
        _, status, size, encoding = self.path.split("/")
        asked = self.headers["Accept-Encoding"]
        used = asked if encoding == "auto" else encoding
        body = b"x" * int(size)
        self.send_response_only(int(status))
        if used == "gzip":
            self.send_header("Content-Encoding", "gzip")
            body = gzip.compress(body)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Logs nothing, because the tests read the client's output."""


@contextmanager
def service() -> Iterator[int]:
    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield server.server_address[1]
        finally:
            server.shutdown()
            thread.join()


def run_script(path: str, runtime: str = "uvicorn-pod") -> subprocess.CompletedProcess[str]:
    with service() as port:
        settings = {
            "SERVICE_HOST": "127.0.0.1",
            "SERVICE_PORT": str(port),
            "SERVICE_PATH": path,
            "RUNTIME": runtime,
            "GZIP_ENABLED": "true",
            "GZIP_MINIMUM_SIZE": "1024",
        }
        script = (CHART / "files" / "check_service.py").read_text()
        return subprocess.run(
            [sys.executable, "-c", script],
            env=os.environ | settings,
            capture_output=True,
            text=True,
            check=False,
            timeout=30,
        )


@pytest.mark.parametrize(
    ("path", "runtime", "said"),
    [
        ("/200/9000/auto", "uvicorn-pod", "gzip: 9000 -> "),
        ("/200/1023/identity", "uvicorn-pod", "gzip not checked: 1023 bytes"),
        ("/404/9000/auto", "uvicorn-pod", "status 404"),
        ("/200/9000/identity", "uvicorn", "status 200"),
    ],
)
def test_script_accepts_a_service_that_keeps_the_contract(
    path: str, runtime: str, said: str
) -> None:
    done = run_script(path, runtime)
    assert done.returncode == 0, f"{path}: exit {done.returncode}, {done.stderr}"
    assert said in done.stdout, f"{path}: said {done.stdout!r}, wanted {said!r}"


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("/500/10/auto", "status 500, wanted a status below 500"),
        ("/200/1024/identity", "1024 bytes are not compressed although gzip.enabled is true"),
        ("/200/9000/gzip", "encoded as gzip although the client does not accept it"),
    ],
)
def test_script_fails_with_a_sentence_when_the_contract_is_broken(path: str, said: str) -> None:
    done = run_script(path)
    assert done.returncode == 1, f"{path}: exit {done.returncode}, {done.stdout}"
    assert said in done.stderr, f"{path}: said {done.stderr!r}, wanted {said!r}"
