"""NOTES.txt: how to reach the release, and what to check."""

import json
from typing import Any

import pytest

from tests.chart.manifests import helm
from tests.support.repository import CHART


def notes(values: dict[str, Any]) -> str:
    """The notes that `helm install` prints. A client-side dry run needs no cluster."""
    arguments = ["install", "demo", str(CHART), "--dry-run=client", "--values", "-"]
    return helm(arguments, json.dumps(values)).rpartition("NOTES:\n")[2]


@pytest.mark.parametrize(
    ("service", "said"),
    [
        ({}, "port-forward service/demo-uvicorn 18080:80"),
        ({"type": "NodePort", "nodePort": 30099}, "port 30099 of any node"),
        ({"type": "NodePort"}, "port from `kubectl -n default get service demo-uvicorn`"),
        ({"type": "LoadBalancer"}, "the address from `kubectl -n default get service"),
    ],
    ids=["ClusterIP", "chosen NodePort", "NodePort", "LoadBalancer"],
)
def test_notes_say_how_to_reach_the_release(service: dict[str, Any], said: str) -> None:
    found = notes({"service": service})
    assert said in found, f"NOTES: {found!r}, wanted {said!r}"
    # A node's address may be out of reach, as kind's is, and a load balancer may be missing.
    forward = "  kubectl -n default port-forward service/demo-uvicorn 18080:80\n"
    assert forward in found, f"NOTES: {found!r}, wanted {forward!r}"


HOSTS = [
    {"host": "shop.example", "paths": [{"path": "/api"}, {"path": "/v2"}]},
    {"host": "www.example"},
]
TLS = [{"secretName": "shop-tls", "hosts": ["shop.example"]}]
GATEWAY = {"name": "public", "namespace": "gateways"}
HTTPS = GATEWAY | {"sectionName": "https"}
TEMPLATE = "{{ .Release.Namespace }}.example"
TEMPLATE_TLS = {"secretName": "tls", "hosts": [TEMPLATE]}
NO_MATCH = [{"timeouts": {"request": "9s"}}]
API = [{"matches": [{"path": {"type": "PathPrefix", "value": "/api"}}]}]


@pytest.mark.parametrize(
    ("values", "urls"),
    [
        (
            {"ingress": {"enabled": True, "hosts": HOSTS, "tls": TLS}},
            ["https://shop.example/api", "https://shop.example/v2", "http://www.example/"],
        ),
        (
            {"httpRoute": {"enabled": True, "parentRefs": [HTTPS], "hostnames": ["a.example"]}},
            ["https://a.example/"],
        ),
        (
            {
                "httpRoute": {
                    "enabled": True,
                    "parentRefs": [GATEWAY],
                    "hostnames": ["a.example", "b.example"],
                    "rules": API,
                },
                "service": {"type": "NodePort"},
            },
            ["http://a.example/api", "http://b.example/api"],
        ),
        (
            {"httpRoute": {"enabled": True, "parentRefs": [GATEWAY], "rules": NO_MATCH}},
            ["/ at the address from `kubectl -n gateways get gateway public`"],
        ),
        (
            {
                "ingress": {"enabled": True, "hosts": [{"host": "a.example"}]},
                "httpRoute": {"enabled": True, "parentRefs": [HTTPS], "hostnames": ["b.example"]},
            },
            ["http://a.example/", "https://b.example/"],
        ),
        (
            {"ingress": {"enabled": True, "hosts": [{"host": TEMPLATE}], "tls": [TEMPLATE_TLS]}},
            ["https://default.example/"],
        ),
        (
            {"httpRoute": {"enabled": True, "parentRefs": [HTTPS], "hostnames": [TEMPLATE]}},
            ["https://default.example/"],
        ),
        (
            {"httpRoute": {"enabled": True, "parentRefs": [{"name": "{{ .Release.Name }}-gate"}]}},
            ["/ at the address from `kubectl -n default get gateway demo-gate`"],
        ),
    ],
    ids=[
        "Ingress",
        "HTTPRoute",
        "HTTPRoute and NodePort",
        "no hostname",
        "both",
        "template of an Ingress",
        "template of an HTTPRoute",
        "template of a Gateway",
    ],
)
def test_notes_give_the_urls_of_the_routes(values: dict[str, Any], urls: list[str]) -> None:
    found = notes(values)
    reach = found.partition("Reach it:\n")[2].partition("\n\n")[0]
    said = [line.strip() for line in reach.splitlines()]
    assert said == urls, f"NOTES: {found!r}, wanted {urls}"


@pytest.mark.parametrize(
    ("policy", "host", "is_said"),
    [
        ("PreferDualStack", "0.0.0.0", True),  # noqa: S104 - the pod's
        ("PreferDualStack", "::", True),
        ("PreferDualStack", "", False),
        ("SingleStack", "0.0.0.0", False),  # noqa: S104 - the pod's
    ],
)
def test_notes_warn_of_a_second_family_on_which_the_app_does_not_listen(
    policy: str, host: str, is_said: bool
) -> None:
    found = notes({"service": {"ipFamilyPolicy": policy}, "uvicorn": {"host": host}})
    assert ("WARNING: On a dual-stack cluster" in found) == is_said, f"{policy}, {host}: {found!r}"


@pytest.mark.parametrize(
    ("on", "is_said"),
    [
        ([], False),
        (["prometheusRule"], True),
        (["dashboard"], True),
        (["prometheusRule", "podMonitor"], False),
        (["prometheusRule", "serviceMonitor"], False),
        (["prometheusRule", "service"], False),
    ],
)
def test_notes_warn_of_alerts_that_nothing_scrapes_for(on: list[str], is_said: bool) -> None:
    found = notes({"metrics": {part: {"enabled": True} for part in on}})
    assert ("WARNING: The alerts" in found) == is_said, f"{on}: {found!r}"


@pytest.mark.parametrize("is_on", [True, False])
def test_notes_warn_of_metrics_server_only_with_the_hpa(is_on: bool) -> None:
    found = notes({"autoscaling": {"enabled": is_on}})
    assert ("needs metrics-server" in found) == is_on, f"NOTES: {found!r}"


@pytest.mark.parametrize("is_on", [True, False])
def test_notes_mention_helm_test_only_if_it_is_enabled(is_on: bool) -> None:
    found = notes({"tests": {"enabled": is_on}})
    assert ("helm test demo -n default" in found) == is_on, f"NOTES: {found!r}"
