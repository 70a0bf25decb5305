"""Probes: uvicorn-pod's on the management port, and the app's paths with other runtimes."""

from typing import Any

import pytest

from tests.chart.manifests import FULL_NAME, app_of, render

PROBES = ["startup", "readiness", "liveness"]


@pytest.mark.parametrize(
    ("probe", "path"), [("startup", "/startupz"), ("readiness", "/readyz"), ("liveness", "/livez")]
)
def test_runtime_answers_its_probes_on_the_management_port(probe: str, path: str) -> None:
    found = app_of(render())[f"{probe}Probe"]["httpGet"]
    wanted = {"path": path, "port": "management"}
    assert found == wanted, f"Deployment/{FULL_NAME}: {probe} {found}, wanted {wanted}"


@pytest.mark.parametrize("runtime", ["uvicorn", "image"])
@pytest.mark.parametrize("probe", PROBES)
def test_other_runtimes_probe_the_apps_own_paths(runtime: str, probe: str) -> None:
    probes = {name: {"path": f"/{name}-sentinel"} for name in PROBES}
    found = app_of(render({"runtime": runtime, "probes": probes}))[f"{probe}Probe"]["httpGet"]
    wanted = {"path": f"/{probe}-sentinel", "port": "http"}
    assert found == wanted, f"Deployment/{FULL_NAME}: {probe} {found}, wanted {wanted}"


@pytest.mark.parametrize("probe", PROBES)
def test_probes_send_the_host_header_of_the_values(probe: str) -> None:
    paths = {name: {"path": "/"} for name in PROBES}
    values = {"runtime": "uvicorn", "probes": paths | {"host": "shop.example"}}
    found = app_of(render(values))[f"{probe}Probe"]["httpGet"]
    wanted = [{"name": "Host", "value": "shop.example"}]
    assert found["httpHeaders"] == wanted, f"Deployment/{FULL_NAME}: {probe} {found}"
    assert "host" not in found, f"Deployment/{FULL_NAME}: {probe} sets host, which PSS refuses"


def test_app_without_a_liveness_path_has_no_liveness_probe() -> None:
    probes = {"startup": {"path": "/"}, "readiness": {"path": "/"}}
    app = app_of(render({"runtime": "uvicorn", "probes": probes}))
    assert "livenessProbe" not in app, f"Deployment/{FULL_NAME}: {app['livenessProbe']}"


@pytest.mark.parametrize("probe", PROBES)
def test_probe_timing_comes_from_the_values(probe: str) -> None:
    timing: dict[str, Any] = {"periodSeconds": 41, "timeoutSeconds": 42, "failureThreshold": 43}
    found = app_of(render({"probes": {probe: timing}}))[f"{probe}Probe"]
    found.pop("httpGet")
    assert found == timing, f"Deployment/{FULL_NAME}: {probe} {found}, wanted {timing}"
