"""Templates in values: rendered where the documentation lists it, and nowhere else."""

import re
from typing import Any

import pytest

from tests.chart.manifests import env_of, one, render
from tests.chart.trees import Tree, tree
from tests.support.documented_values import documented_values
from tests.support.repository import ROOT

NAME = "{{ .Release.Name }}-sentinel"
JOBS: dict[str, Any] = {
    "migrations.enabled": True,
    "migrations.command": ["x"],
    "cronJobs": [{"name": "tidy", "schedule": "@daily", "command": ["x"]}],
}
INGRESS: dict[str, Any] = {"ingress.enabled": True, "ingress.hosts": [{"host": "x"}]}
ROUTE: dict[str, Any] = {"httpRoute.enabled": True, "httpRoute.parentRefs": [{"name": "x"}]}
# Each value with a template, what else it needs, and the number of times that it is rendered.
TEMPLATES: dict[str, tuple[Any, dict[str, Any], int]] = {
    "envFrom": ([{"secretRef": {"name": NAME}}], JOBS, 3),
    "volumes": ([{"name": "x", "persistentVolumeClaim": {"claimName": NAME}}], JOBS, 3),
    "ingress.hosts": ([{"host": NAME}], INGRESS, 1),
    "ingress.tls": ([{"secretName": NAME, "hosts": [NAME]}], INGRESS, 2),
    "httpRoute.parentRefs": ([{"name": NAME}], ROUTE, 1),
    "httpRoute.hostnames": ([NAME], ROUTE, 1),
    # The account and the pods of app and test. Without a release's account, Jobs use it too.
    "serviceAccount.name": (NAME, {"serviceAccount.create": False} | JOBS, 4),
    "extraObjects": ([{"kind": "X", "metadata": {"name": NAME}}], {}, 1),
}


def texts(value: object) -> list[str]:
    if isinstance(value, dict):
        return [text for below in value.values() for text in texts(below)]
    if isinstance(value, list):
        return [text for below in value for text in texts(below)]
    return [value] if isinstance(value, str) else []


@pytest.mark.parametrize("name", TEMPLATES)
def test_template_is_rendered_in_every_object_that_has_the_value(name: str) -> None:
    value, needs, count = TEMPLATES[name]
    found = [text for text in texts(render(tree(needs | {name: value}))) if "sentinel" in text]
    wanted = ["demo-sentinel"] * count
    assert found == wanted, f"{name}: rendered {found}, wanted {wanted}"


def test_documented_list_is_complete() -> None:
    section = (ROOT / "docs" / "chart.md").read_text().split("## Templates in values")[1]
    rows = re.findall(r"^\| (`.+?) \|", section.split("## ")[0], re.MULTILINE)
    found = set(re.findall(r"`([^`]+)`", " ".join(rows)))
    assert found == set(TEMPLATES), f"docs/chart.md lists {found}, wanted {set(TEMPLATES)}"


def test_documented_example_renders() -> None:
    values: Tree = documented_values("chart.md", "## Templates in values")
    (rule,) = one(render(values), "Ingress")["spec"]["rules"]
    assert rule["host"] == "default.shop.example", f"Ingress: host {rule['host']}"


def test_braces_in_a_variable_stay() -> None:
    found = env_of(render({"env": {"FORMAT": NAME}}))["FORMAT"]
    assert found == NAME, f"env.FORMAT is {found!r}, wanted {NAME!r}"
