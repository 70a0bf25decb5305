"""Monitoring: the ServiceMonitor and its Service, the alerts and the dashboard."""

import json
import re
from typing import Any

import pytest
import yaml
from prometheus_client import ProcessCollector

from tests.chart.manifests import FULL_NAME, Manifest, helm, of_kind, one, render
from tests.support.metrics_text import METRIC_NAME
from tests.support.repository import CHART, ROOT
from tests.support.runtime_metrics import runtime_metrics

SELECTOR = {"app.kubernetes.io/name": "uvicorn", "app.kubernetes.io/instance": "demo"}
ALL_ON = {
    "metrics": {
        "serviceMonitor": {"enabled": True},
        "prometheusRule": {"enabled": True},
        "dashboard": {"enabled": True},
    },
    "resources": {"limits": {"cpu": "1"}},
}
# Metrics of kube-state-metrics, and of cAdvisor in the kubelet.
FOREIGN = {
    "kube_horizontalpodautoscaler_spec_max_replicas",
    "kube_horizontalpodautoscaler_spec_min_replicas",
    "kube_horizontalpodautoscaler_status_current_replicas",
    "container_cpu_cfs_periods_total",
    "kube_pod_container_resource_limits",
    "kube_pod_container_status_restarts_total",
    "container_cpu_cfs_throttled_periods_total",
    "container_memory_working_set_bytes",
}


def rules(values: dict[str, Any] | None = None) -> list[dict[str, Any]]:
    metrics = {"metrics": {"prometheusRule": {"enabled": True}}}
    (group,) = one(render(values or metrics), "PrometheusRule")["spec"]["groups"]
    found: list[dict[str, Any]] = group["rules"]
    return found


def dashboard() -> dict[str, Any]:
    (text,) = one(render({"metrics": {"dashboard": {"enabled": True}}}), "ConfigMap")[
        "data"
    ].values()
    found: dict[str, Any] = json.loads(text)
    return found


def queries() -> list[str]:
    asked = [target["expr"] for panel in dashboard()["panels"] for target in panel["targets"]]
    return asked + [str(rule["expr"]) for rule in rules(ALL_ON)]


def exported() -> set[str]:
    """Every metric name that the runtime exports, including the parts of histograms."""
    names = set()
    for metric in [*runtime_metrics(), *ProcessCollector(registry=None).collect()]:
        names |= {metric.name, f"{metric.name}_total", f"{metric.name}_bucket"}
        names |= {f"{metric.name}_count", f"{metric.name}_sum"}
    return names


@pytest.mark.parametrize("kind", ["ServiceMonitor", "PrometheusRule", "ConfigMap"])
def test_kind_is_off_by_default(kind: str, default_manifests: list[Manifest]) -> None:
    found = of_kind(default_manifests, kind)
    assert not found, f"{kind}: {found}, wanted none"


def test_service_monitor_selects_only_the_headless_service() -> None:
    services = of_kind(render(ALL_ON), "Service")
    monitor = one(render(ALL_ON), "ServiceMonitor")["spec"]["selector"]["matchLabels"]
    found = [s for s in services if monitor.items() <= s["metadata"]["labels"].items()]
    assert len(services) == 2, f"wanted two Services, rendered {len(services)}"
    assert [s["metadata"]["name"] for s in found] == [f"{FULL_NAME}-mgmt"], f"found {found}"
    spec = found[0]["spec"]
    assert spec["clusterIP"] == "None", f"Service/{FULL_NAME}-mgmt: {spec['clusterIP']}"
    assert spec["publishNotReadyAddresses"] is True, f"Service/{FULL_NAME}-mgmt: {spec}"
    assert spec["selector"] == SELECTOR, f"Service/{FULL_NAME}-mgmt: {spec['selector']}"
    ports = [(port["name"], port["port"], port["targetPort"]) for port in spec["ports"]]
    assert ports == [("management", 9000, "management")], f"Service/{FULL_NAME}-mgmt: {ports}"


def test_service_monitor_interval_and_labels_come_from_the_values() -> None:
    values = {"enabled": True, "interval": "7s", "labels": {"release": "prom"}}
    monitor = one(render({"metrics": {"serviceMonitor": values}}), "ServiceMonitor")
    endpoints = monitor["spec"]["endpoints"]
    wanted = [{"port": "management", "path": "/metrics", "interval": "7s"}]
    assert endpoints == wanted, f"ServiceMonitor/{FULL_NAME}: {endpoints}, wanted {wanted}"
    assert monitor["metadata"]["labels"]["release"] == "prom", f"ServiceMonitor: {monitor}"


def test_alerts_and_panels_query_only_existing_metrics() -> None:
    known = exported() | FOREIGN
    assert queries(), "no queries"
    for query in queries():
        names = set(METRIC_NAME.findall(query))
        assert names, f"no metric in {query}"
        assert names <= known, f"{sorted(names - known)} do not exist: {query}"


def test_burn_rate_alerts_have_four_pairs_of_windows() -> None:
    for name in ("UvicornErrors", "UvicornSlow"):
        alerts = [rule for rule in rules() if rule["alert"] == name]
        found = [(a["labels"]["window"], a["labels"]["severity"]) for a in alerts]
        wanted = [("1h", "critical"), ("6h", "critical"), ("1d", "warning"), ("3d", "warning")]
        assert found == wanted, f"{name}: {found}, wanted {wanted}"


def test_error_budget_is_the_rest_of_the_objective() -> None:
    values = {"enabled": True, "availabilityPercent": 99, "latencyPercent": 95}
    found = rules({"metrics": {"prometheusRule": values}})
    bounds = [re.findall(r"> ([0-9.]+)", rule["expr"]) for rule in found[:8]]
    errors = [["0.144"] * 2, ["0.06"] * 2, ["0.03"] * 2, ["0.01"] * 2]
    slow = [["0.72"] * 2, ["0.3"] * 2, ["0.15"] * 2, ["0.05"] * 2]
    assert bounds == errors + slow, f"PrometheusRule: bounds {bounds}"


def test_ignored_routes_are_excluded_from_latency_only() -> None:
    routes = {"enabled": True, "latencyIgnoredRoutes": ["/stream", "/poll/{id}"]}
    found = rules({"metrics": {"prometheusRule": routes}})
    matcher = 'route!~"/stream|/poll/{id}"'
    for rule in found:
        count = rule["expr"].count(matcher)
        wanted = 4 if rule["alert"] == "UvicornSlow" else 0
        assert count == wanted, f"{rule['alert']}: {count} of {matcher}, wanted {wanted}"


@pytest.mark.parametrize(
    ("values", "alert", "is_there"),
    [
        ({}, "UvicornLoopLag", True),
        ({}, "UvicornBlocked", True),
        ({"blockedSeconds": 0}, "UvicornBlocked", False),
        ({}, "UvicornThreadsFull", True),
        ({}, "UvicornOverloaded", True),
        ({"overload": {"maxWaitSeconds": 0}}, "UvicornOverloaded", False),
        ({}, "UvicornRestarts", True),
        ({}, "UvicornMemory", True),
        ({"resources": {"requests": {"memory": ""}}}, "UvicornMemory", False),
        (
            {"resources": {"requests": {"memory": ""}, "limits": {"memory": "1Gi"}}},
            "UvicornMemory",
            True,
        ),
        ({}, "UvicornAtMaxReplicas", True),
        ({"autoscaling": {"enabled": False}}, "UvicornAtMaxReplicas", False),
        ({"autoscaling": {"minReplicas": 10}}, "UvicornAtMaxReplicas", False),
        ({"autoscaling": {"minReplicas": 9}}, "UvicornAtMaxReplicas", True),
        ({}, "UvicornThrottled", False),
        ({"resources": {"limits": {"cpu": "1"}}}, "UvicornThrottled", True),
    ],
)
def test_alert_is_rendered_only_if_it_says_something(
    values: dict[str, Any], alert: str, is_there: bool
) -> None:
    found = {
        rule["alert"] for rule in rules(values | {"metrics": {"prometheusRule": {"enabled": True}}})
    }
    assert (alert in found) == is_there, f"{values}: alerts {sorted(found)}"


def test_dashboard_has_grafanas_label_and_names_its_release() -> None:
    metadata = one(render({"metrics": {"dashboard": {"enabled": True}}}), "ConfigMap")["metadata"]
    assert metadata["labels"]["grafana_dashboard"] == "1", f"ConfigMap: {metadata}"
    board = dashboard()
    found = {
        name["name"]: name.get("current", {}).get("value") for name in board["templating"]["list"]
    }
    assert found["workload"] == FULL_NAME, f"dashboard: {found}"
    assert found["namespace"] == "default", f"dashboard: {found}"
    assert "THE_" not in json.dumps(board), "dashboard: a placeholder is left"


def test_dashboards_of_two_namespaces_differ_in_file_uid_and_title() -> None:
    """Grafana's sidecar writes all files into one folder. A uid is unique in a Grafana."""
    seen = []
    for namespace, name in (("shop", "web"), ("shop-web", "api"), ("shop", "web-api")):
        arguments = ["template", "demo", str(CHART), f"--namespace={namespace}", "--values", "-"]
        values = {"fullnameOverride": name, "metrics": {"dashboard": {"enabled": True}}}
        manifests = list(yaml.safe_load_all(helm(arguments, json.dumps(values))))
        ((file, text),) = one(manifests, "ConfigMap")["data"].items()
        board = json.loads(text)
        seen.append((file, board["uid"], board["title"]))
        assert len(board["uid"]) <= 40, f"{file}: Grafana allows 40 characters, uid {board['uid']}"
    for what, found in zip(("file", "uid", "title"), zip(*seen, strict=True), strict=True):
        assert len(set(found)) == len(seen), f"the {what} of two dashboards is the same: {found}"


def test_panels_and_alerts_query_the_same_pods_when_the_name_is_long() -> None:
    for length in (46, 47, 57, 58):
        name = "a" * length
        values = ALL_ON | {"fullnameOverride": name}
        (asked,) = {
            matcher
            for rule in rules(values)
            for matcher in re.findall(r'pod=~"([^"]*)"', rule["expr"])
        }
        board = one(render(values), "ConfigMap")["data"][f"default.{name}.json"]
        found = set(re.findall(r'pod=~\\"([^"]*)\\"', board))
        wanted = {asked.replace(name, "$workload")}
        assert found == wanted, f"dashboard of {length} characters: {found}, wanted {wanted}"


def test_dashboard_label_can_be_removed() -> None:
    board = {"enabled": True, "labels": {"grafana_dashboard": None}}
    labels = one(render({"metrics": {"dashboard": board}}), "ConfigMap")["metadata"]["labels"]
    assert "grafana_dashboard" not in labels, f"ConfigMap/{FULL_NAME}-dash: {labels}"


def test_each_panel_has_its_place_and_description() -> None:
    panels = dashboard()["panels"]
    assert len(panels) >= 8, f"dashboard: {len(panels)} panels"
    assert len({panel["id"] for panel in panels}) == len(panels), "dashboard: an id is used twice"
    places = {(panel["gridPos"]["x"], panel["gridPos"]["y"]) for panel in panels}
    assert len(places) == len(panels), "dashboard: two panels in one place"
    for panel in panels:
        assert panel["description"], f"dashboard: {panel['title']} has no description"
        refs = [target["refId"] for target in panel["targets"]]
        assert len(refs) == len(set(refs)) > 0, f"dashboard: {panel['title']} has targets {refs}"


def test_under_pressure_names_only_panels_alerts_and_metrics_that_exist() -> None:
    text = (ROOT / "docs" / "under-pressure.md").read_text()
    lines = [line for line in text.splitlines() if "dashboard" in line]
    panels = {name for line in lines for name in re.findall(r'"([A-Z][^"]*)"', line)}
    alerts, metrics = (
        set(re.findall(r"`(Uvicorn\w+)`", text)),
        set(re.findall(r"`(uvicorn_\w+)", text)),
    )
    titles = {panel["title"] for panel in dashboard()["panels"]}
    known = {rule["alert"] for rule in rules(ALL_ON)}
    assert len(panels) >= 8, f"docs/under-pressure.md: panels {sorted(panels)}, wanted 8 or more"
    assert panels <= titles, f"docs/under-pressure.md: no panels {sorted(panels - titles)}"
    assert alerts, "docs/under-pressure.md names no alert"
    assert alerts <= known, f"docs/under-pressure.md: no alerts {sorted(alerts - known)}"
    assert metrics <= exported(), f"docs/under-pressure.md: no {sorted(metrics - exported())}"
