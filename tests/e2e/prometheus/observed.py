"""Two releases that Prometheus watches: one with every fault, and its healthy neighbour."""

import json
import re
from collections.abc import Callable
from typing import Any

from tests.e2e.conftest import Install, install_together
from tests.e2e.prometheus.installation import install_operator, install_prometheus
from tests.e2e.release import FULL_NAME, Release
from tests.support.commands import run

# The reference service, and faults that a client can ask for.
APP = """\
import time

from fastapi import FastAPI, HTTPException, WebSocket
from reference.main import app as reference

app = FastAPI()
kept = []


@app.get("/fail")
async def fail():
    raise HTTPException(500)


@app.get("/block")
async def block():
    time.sleep(0.6)


@app.get("/wait")
def wait():
    time.sleep(3)


@app.get("/keep")
async def keep(megabytes: int):
    kept.append(bytes([1]) * (megabytes * 2**20))


@app.websocket("/websocket")
async def talk(websocket: WebSocket):
    await websocket.accept()
    await websocket.close()


app.mount("/", reference)
"""
VALUES: dict[str, Any] = {
    "drainSeconds": 1,
    "app": "faults:app",
    "config": {"files": {"faults.py": APP}},
    "env": {"UVICORN_APP_DIR": "/etc/app", "PYTHONPATH": "/app"},
    "resources": {"requests": {"cpu": "100m", "memory": "160Mi"}, "limits": {"cpu": "500m"}},
    "autoscaling": {"minReplicas": 1, "maxReplicas": 2},
}
FOR = "2s"
"""How long a condition must hold until its alert fires here; the rules say minutes or hours."""


def install_observed(
    install: Install, restricted_namespace: Callable[[str], str], ports: tuple[int, int]
) -> tuple[Release, Release]:
    """Installs the faulty and the healthy release with all alerts, and Prometheus after them.

    One has a ServiceMonitor, the other one a PodMonitor. The rules are those of the chart, except
    that each alert fires once its condition has held for FOR. Their windows are not shortened: a
    window of three days then holds the minutes since the start.
    """
    restricted_namespace("prometheus")
    install_operator()
    faulty, healthy = install_together(
        install,
        ("prometheus-faulty", ports[0], _values("serviceMonitor")),
        ("prometheus-healthy", ports[1], _values("podMonitor")),
    )
    for release in (faulty, healthy):
        _shorten(release)
    install_prometheus()
    return faulty, healthy


def _values(monitor: str) -> dict[str, Any]:
    wanted = (monitor, "prometheusRule", "dashboard")
    return VALUES | {"metrics": {name: {"enabled": True} for name in wanted}}


def _shorten(release: Release) -> None:
    rule = rules_of(release)
    for alert in rule["spec"]["groups"][0]["rules"]:
        alert["for"] = FOR
    replace = ["kubectl", f"--namespace={release.namespace}", "replace", "--filename=-"]
    run(*replace, stdin=json.dumps(rule))


def rules_of(release: Release) -> dict[str, Any]:
    """The release's PrometheusRule."""
    rule = release.live("prometheusrule", FULL_NAME)
    assert rule is not None, f"{release.namespace}: PrometheusRule/{FULL_NAME} does not exist"
    return rule


def panels_of(release: Release) -> dict[str, list[str]]:
    """Title → queries of each panel of the release's dashboard, with its variables filled in."""
    stored = release.live("configmap", f"{FULL_NAME}-dash")
    assert stored is not None, f"{release.namespace}: ConfigMap/{FULL_NAME}-dash does not exist"
    (text,) = stored["data"].values()
    values = {"namespace": release.namespace, "workload": FULL_NAME, "__rate_interval": "1m"}

    def filled(query: str) -> str:
        return re.sub(r"\$(\w+)", lambda found: values[found[1]], query)

    return {
        panel["title"]: [filled(target["expr"]) for target in panel["targets"]]
        for panel in json.loads(text)["panels"]
    }
