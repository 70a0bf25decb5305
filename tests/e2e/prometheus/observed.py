"""Releases that Prometheus watches: for example one with every fault, and a healthy neighbour."""

import json
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.e2e.conftest import Install, install_together
from tests.e2e.prometheus.installation import install_operator, install_prometheus, uninstall
from tests.e2e.release import FULL_NAME, Release
from tests.support.commands import run

APP = Path(__file__).with_name("faults.py").read_text()
VALUES: dict[str, Any] = {
    "drainSeconds": 1,
    "app": "faults:app",
    "config": {"files": {"faults.py": APP}},
    "env": {"UVICORN_APP_DIR": "/etc/app", "PYTHONPATH": "/app"},
    "resources": {"requests": {"cpu": "500m", "memory": "160Mi"}, "limits": {"cpu": "2"}},
    "autoscaling": {"minReplicas": 1, "maxReplicas": 2},
}
# Faults show soon in a pod that may do little.
FAULTY = VALUES | {
    "resources": {"requests": {"cpu": "100m", "memory": "160Mi"}, "limits": {"cpu": "500m"}},
    "overload": {"maxWaitSeconds": 0.3},
}
FOR = "2s"
"""How long a condition must hold until its alert fires here; the rules say minutes or hours."""


@contextmanager
def observed_pair(
    install: Install, restricted_namespace: Callable[[str], str], ports: tuple[int, int]
) -> Iterator[tuple[Release, Release]]:
    """Yields a small release for faults, and a healthy one with more CPU.

    One has a ServiceMonitor, the other one a PodMonitor.
    """
    with observed(
        install,
        restricted_namespace,
        ("prometheus-faulty", ports[0], FAULTY | monitored("serviceMonitor")),
        ("prometheus-healthy", ports[1], VALUES | monitored("podMonitor")),
    ) as (faulty, healthy):
        yield faulty, healthy


@contextmanager
def observed(
    install: Install,
    restricted_namespace: Callable[[str], str],
    *wanted: tuple[str, int, dict[str, Any]],
) -> Iterator[list[Release]]:
    """Yields releases of these names, ports and values, which Prometheus watches until the end.

    The rules are those of the chart, except that each alert fires once its condition has held for
    FOR. Their windows are not shortened: a window of three days then holds the minutes since the
    start.
    """
    restricted_namespace("prometheus")
    try:
        install_operator()
        releases = install_together(install, *wanted)
        for release in releases:
            _shorten(release)
        install_prometheus()
        yield releases
    finally:
        uninstall()


def monitored(monitor: str) -> dict[str, Any]:
    """Values that turn on one kind of monitor, the alerts and the dashboard."""
    wanted = (monitor, "prometheusRule", "dashboard")
    return {"metrics": {name: {"enabled": True} for name in wanted}}


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


def panels_of(release: Release) -> dict[str, dict[str, str]]:
    """Panel → legend → query of the release's dashboard, with its variables filled in."""
    stored = release.live("configmap", f"{FULL_NAME}-dash")
    assert stored is not None, f"{release.namespace}: ConfigMap/{FULL_NAME}-dash does not exist"
    (text,) = stored["data"].values()
    values = {"namespace": release.namespace, "workload": FULL_NAME, "__rate_interval": "1m"}

    def filled(query: str) -> str:
        return re.sub(r"\$(\w+)", lambda found: values[found[1]], query)

    return {
        panel["title"]: {
            target["legendFormat"]: filled(target["expr"]) for target in panel["targets"]
        }
        for panel in json.loads(text)["panels"]
    }
