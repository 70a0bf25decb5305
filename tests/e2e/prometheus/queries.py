"""Asks Prometheus through the API server, as `kubectl proxy` does."""

import json
import time
from typing import Any
from urllib.parse import urlencode

from tests.e2e.prometheus.installation import NAMESPACE, kubectl

SERVICE = "prometheus-operated:web"  # the operator makes it
Series = list[dict[str, Any]]


def query(expression: str) -> Series:
    """The series that an expression returns now."""
    found: Series = _ask("query", query=expression)["result"]
    return found


def query_range(expression: str, begin: float, end: float, step_seconds: float) -> Series:
    """The series of an expression between two Unix times."""
    times = {"start": f"{begin}", "end": f"{end}", "step": f"{step_seconds}"}
    found: Series = _ask("query_range", query=expression, **times)["result"]
    return found


def names_of(namespace: str) -> set[str]:
    """The names of all metrics that a namespace has now."""
    return {
        one["metric"]["__name__"]
        for one in query(f'count by (__name__) ({{namespace="{namespace}"}})')
    }


def alerts(namespace: str) -> set[str]:
    """The alerts that fire for a namespace now, each as its title."""
    return {
        title(one["labels"])
        for one in _ask("alerts")["alerts"]
        if one["labels"].get("namespace") == namespace and one["state"] == "firing"
    }


def alerts_since(namespace: str, begin: float) -> set[str]:
    """The alerts that fired or were pending for a namespace since a Unix time."""
    series = query_range(f'ALERTS{{namespace="{namespace}"}}', begin, time.time(), 2)
    return {title(one["metric"]) for one in series}


def rules(namespace: str) -> set[str]:
    """The alerts that Prometheus evaluates for a namespace, each as its title."""
    return {
        title({"alertname": one["name"], **one["labels"]})
        for group in _ask("rules")["groups"]
        for one in group["rules"]
        if one["labels"].get("namespace") == namespace
    }


def title(labels: dict[str, str]) -> str:
    """The name of an alert, and its window where it has one."""
    return " ".join(labels[key] for key in ("alertname", "window") if key in labels)


def scraped(namespace: str) -> list[str]:
    """What the last scrape of each target of a namespace said: nothing if it went well."""
    return [
        f"{one['health']}: {one['lastError']}" if one["health"] != "up" else ""
        for one in _ask("targets")["activeTargets"]
        if one["labels"].get("namespace") == namespace
    ]


def _ask(path: str, **parameters: str) -> dict[str, Any]:
    place = f"/api/v1/namespaces/{NAMESPACE}/services/{SERVICE}/proxy/api/v1/{path}"
    answer = json.loads(kubectl("get", "--raw", f"{place}?{urlencode(parameters)}"))
    assert answer["status"] == "success", f"Prometheus: {path} {parameters}: {answer}"
    found: dict[str, Any] = answer["data"]
    return found
