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
        ({}, "port-forward service/demo-uvicorn 8080:80"),
        ({"type": "NodePort", "nodePort": 30099}, "port 30099 of any node"),
        ({"type": "NodePort"}, "port from `kubectl -n default get service demo-uvicorn`"),
        ({"type": "LoadBalancer"}, "the address from `kubectl -n default get service"),
    ],
    ids=["ClusterIP", "chosen NodePort", "NodePort", "LoadBalancer"],
)
def test_notes_say_how_to_reach_the_release(service: dict[str, Any], said: str) -> None:
    found = notes({"service": service})
    assert said in found, f"NOTES: {found!r}, wanted {said!r}"


@pytest.mark.parametrize("is_on", [True, False])
def test_notes_warn_of_metrics_server_only_with_the_hpa(is_on: bool) -> None:
    found = notes({"autoscaling": {"enabled": is_on}})
    assert ("needs metrics-server" in found) == is_on, f"NOTES: {found!r}"


@pytest.mark.parametrize("is_on", [True, False])
def test_notes_mention_helm_test_only_if_it_is_enabled(is_on: bool) -> None:
    found = notes({"tests": {"enabled": is_on}})
    assert ("helm test demo -n default" in found) == is_on, f"NOTES: {found!r}"
