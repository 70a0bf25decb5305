"""Ingress, HTTPRoute, NetworkPolicy and PodMonitor: off by default, and their content."""

from typing import Any

import pytest

from tests.chart.manifests import FULL_NAME, Manifest, of_kind, one, render

SELECTOR = {"app.kubernetes.io/name": "uvicorn", "app.kubernetes.io/instance": "demo"}
PEERS = [{"namespaceSelector": {"matchLabels": {"sentinel": "x"}}}]


@pytest.mark.parametrize("kind", ["Ingress", "HTTPRoute", "NetworkPolicy", "PodMonitor"])
def test_kind_is_off_by_default(kind: str, default_manifests: list[Manifest]) -> None:
    found = of_kind(default_manifests, kind)
    assert not found, f"{kind}: {found}, wanted none"


def test_ingress_sends_its_hosts_to_the_service() -> None:
    hosts = [
        {"host": "a.example"},
        {"host": "b.example", "paths": [{"path": "/b", "pathType": "Exact"}, {"path": "/c"}]},
    ]
    tls = [{"secretName": "sentinel", "hosts": ["a.example"]}]
    values = {"enabled": True, "className": "inner", "hosts": hosts, "tls": tls}
    spec = one(render({"ingress": values}), "Ingress")["spec"]
    found = [
        (rule["host"], path["path"], path["pathType"], path["backend"])
        for rule in spec["rules"]
        for path in rule["http"]["paths"]
    ]
    backend = {"service": {"name": FULL_NAME, "port": {"name": "http"}}}
    wanted = [
        ("a.example", "/", "Prefix", backend),
        ("b.example", "/b", "Exact", backend),
        ("b.example", "/c", "Prefix", backend),
    ]
    assert found == wanted, f"Ingress/{FULL_NAME}: {found}, wanted {wanted}"
    assert (spec["ingressClassName"], spec["tls"]) == ("inner", tls), f"Ingress/{FULL_NAME}: {spec}"


@pytest.mark.parametrize("entry", [{}, {"host": ""}, {"paths": [{"path": "/"}]}], ids=str)
def test_ingress_without_a_host_takes_every_host(entry: dict[str, object]) -> None:
    spec = one(render({"ingress": {"enabled": True, "hosts": [entry]}}), "Ingress")["spec"]
    (rule,) = spec["rules"]
    assert "host" not in rule, f"Ingress/{FULL_NAME}: host {rule['host']!r}, wanted none"
    (path,) = rule["http"]["paths"]
    assert path["path"] == "/", f"Ingress/{FULL_NAME}: path {path}, wanted /"


def test_http_route_sends_every_path_to_the_service() -> None:
    parents = [{"name": "gateway", "namespace": "edge"}]
    route = {"enabled": True, "parentRefs": parents, "hostnames": ["a.example"]}
    spec = one(render({"httpRoute": route, "service": {"port": 8088}}), "HTTPRoute")["spec"]
    wanted = {
        "parentRefs": parents,
        "hostnames": ["a.example"],
        "rules": [
            {
                "matches": [{"path": {"type": "PathPrefix", "value": "/"}}],
                "backendRefs": [{"name": FULL_NAME, "port": 8088}],
            }
        ],
    }
    assert spec == wanted, f"HTTPRoute/{FULL_NAME}: {spec}, wanted {wanted}"


def test_http_route_keeps_the_users_backends() -> None:
    rules = [{"backendRefs": [{"name": "canary", "port": 80, "weight": 5}]}]
    route = {"enabled": True, "parentRefs": [{"name": "gateway"}], "rules": rules}
    found = one(render({"httpRoute": route}), "HTTPRoute")["spec"]["rules"]
    assert found == rules, f"HTTPRoute/{FULL_NAME}: rules {found}, wanted {rules}"


def policy(**values: Any) -> Manifest:
    found = one(render({"networkPolicy": {"enabled": True, **values}}), "NetworkPolicy")
    spec: Manifest = found["spec"]
    return spec


def test_http_route_that_redirects_has_no_backend() -> None:
    redirect = {"type": "RequestRedirect", "requestRedirect": {"scheme": "https"}}
    header = {"type": "RequestHeaderModifier", "requestHeaderModifier": {"remove": ["x"]}}
    rules = [{"filters": [redirect]}, {"filters": [header]}]
    values = {"enabled": True, "parentRefs": [{"name": "g"}], "rules": rules}
    found = [
        "backendRefs" in r for r in one(render({"httpRoute": values}), "HTTPRoute")["spec"]["rules"]
    ]
    assert found == [False, True], f"HTTPRoute/{FULL_NAME}: backends {found}"


def test_policy_opens_the_app_to_all_and_the_metrics_to_nobody() -> None:
    found = policy()
    wanted = {
        "podSelector": {"matchLabels": SELECTOR},
        "policyTypes": ["Ingress"],
        "ingress": [{"ports": [{"port": "http"}]}],
    }
    assert found == wanted, f"NetworkPolicy/{FULL_NAME}: {found}, wanted {wanted}"


def test_policy_that_an_overlay_turns_off_is_not_rendered() -> None:
    base = {"from": PEERS, "monitoring": PEERS, "restrictEgress": True, "egress": [{}]}
    off = of_kind(render({"networkPolicy": base | {"enabled": False}}), "NetworkPolicy")
    assert not off, f"NetworkPolicy: {off}, wanted none"
    assert policy(**base)["egress"], "NetworkPolicy: the base file alone renders no egress"


def test_policy_allows_chosen_peers_and_the_helm_test() -> None:
    tester = one_test_pod_labels()
    found = policy(**{"from": PEERS})["ingress"][0]["from"]
    assert found[: len(PEERS)] == PEERS, f"NetworkPolicy/{FULL_NAME}: from {found}"
    allowed = found[len(PEERS)]["podSelector"]["matchLabels"]
    assert allowed.items() <= tester.items(), f"NetworkPolicy: {allowed}, test pod has {tester}"


def one_test_pod_labels() -> dict[str, str]:
    pods = of_kind(render(), "Pod")
    assert len(pods) == 1, f"wanted one test pod, rendered {len(pods)}"
    labels: dict[str, str] = pods[0]["metadata"]["labels"]
    return labels


def test_policy_opens_the_metrics_to_monitoring_only() -> None:
    found = policy(monitoring=PEERS)["ingress"][1]
    wanted = {"ports": [{"port": "management"}], "from": PEERS}
    assert found == wanted, f"NetworkPolicy/{FULL_NAME}: {found}, wanted {wanted}"


def test_policy_that_restricts_egress_allows_dns_and_the_named_rules() -> None:
    database = {"ports": [{"port": 5432, "protocol": "TCP"}]}
    found = policy(restrictEgress=True, egress=[database])
    dns = {"ports": [{"port": 53, "protocol": "UDP"}, {"port": 53, "protocol": "TCP"}]}
    assert found["policyTypes"] == ["Ingress", "Egress"], f"NetworkPolicy: {found}"
    assert found["egress"] == [dns, database], f"NetworkPolicy: egress {found['egress']}"


def test_pod_monitor_scrapes_the_management_port() -> None:
    values = {"podMonitor": {"enabled": True, "interval": "7s", "labels": {"release": "prom"}}}
    monitor = one(render({"metrics": values}), "PodMonitor")
    wanted = {
        "selector": {"matchLabels": SELECTOR},
        "podMetricsEndpoints": [{"port": "management", "path": "/metrics", "interval": "7s"}],
    }
    assert monitor["spec"] == wanted, f"PodMonitor/{FULL_NAME}: {monitor['spec']}, wanted {wanted}"
    labels = monitor["metadata"]["labels"]
    assert labels["release"] == "prom", f"PodMonitor/{FULL_NAME}: labels {labels}"
