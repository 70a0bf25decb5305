"""Chart.yaml is complete, and agrees with the rest of the repository."""

import re
import tomllib
from typing import Any
from xml.etree import ElementTree as ET

import yaml

from tests.chart.documented_values import defaults
from tests.chart.manifests import render
from tests.support.repository import CHART, ROOT

FIELDS = {"description", "home", "icon", "keywords", "kubeVersion", "maintainers", "sources"}
ANNOTATIONS = {
    "category", "changes", "containsSecurityUpdates", "images", "license", "links", "operator",
    "prerelease",
}  # fmt: skip
# Categories of Artifact Hub: https://artifacthub.io/docs/topics/annotations/helm
CATEGORIES = {
    "ai-machine-learning", "database", "integration-delivery", "monitoring-logging", "networking",
    "security", "storage", "streaming-messaging", "skip-prediction",
}  # fmt: skip
META: dict[str, Any] = yaml.safe_load((CHART / "Chart.yaml").read_text())


def test_chart_renders_on_the_oldest_kubernetes_it_names() -> None:
    oldest = META["kubeVersion"].removeprefix(">=").removesuffix("-0")
    assert render(kube_version=oldest), f"Kubernetes {oldest}: nothing rendered"


def test_chart_has_one_kind_per_template() -> None:
    templates = sorted((CHART / "templates").rglob("*.yaml"))
    assert templates, "no templates"
    for template in templates:
        if template.name == "extraobjects.yaml":  # renders kinds that the user chooses
            continue
        kinds = [line for line in template.read_text().splitlines() if line.startswith("kind: ")]
        assert len(kinds) == 1, f"{template.name}: wanted one kind, has {kinds}"


def test_chart_yaml_has_every_field_of_artifact_hub() -> None:
    missing = FIELDS - META.keys()
    assert not missing, f"Chart.yaml: no {sorted(missing)}"
    missing = {f"artifacthub.io/{name}" for name in ANNOTATIONS} - META["annotations"].keys()
    assert not missing, f"Chart.yaml: no annotations {sorted(missing)}"
    for name, value in META["annotations"].items():
        assert isinstance(value, str), f"Chart.yaml: {name} is {value!r}, Helm wants text"
    category = META["annotations"]["artifacthub.io/category"]
    assert category in CATEGORIES, f"Chart.yaml: category {category}, wanted one of {CATEGORIES}"
    for flag in ("containsSecurityUpdates", "operator", "prerelease"):
        value = META["annotations"][f"artifacthub.io/{flag}"]
        assert value in {"true", "false"}, f"Chart.yaml: {flag} is {value!r}"


def test_artifact_hub_shows_the_image_and_the_changes_of_this_version() -> None:
    annotations = META["annotations"]
    (image,) = yaml.safe_load(annotations["artifacthub.io/images"])
    wanted = f"{defaults()['image']['repository']}:{META['appVersion']}"
    assert image["image"] == wanted, f"Chart.yaml: image {image['image']}, wanted {wanted}"
    changes = yaml.safe_load(annotations["artifacthub.io/changes"])
    assert changes, "Chart.yaml: no changes"
    for change in changes:
        kinds = {"added", "changed", "deprecated", "removed", "fixed", "security"}
        assert change["kind"] in kinds, f"Chart.yaml: a change of kind {change['kind']}"
        assert change["description"], f"Chart.yaml: {change} has no description"


def test_links_of_chart_yaml_exist_in_the_repository() -> None:
    links = [link["url"] for link in yaml.safe_load(META["annotations"]["artifacthub.io/links"])]
    for url in [META["icon"], *META["sources"], *links]:
        if "/main/" in url:
            path = ROOT / url.rpartition("/main/")[2]
            assert path.exists(), f"Chart.yaml: {url} is not in the repository"
        else:
            assert url.startswith(META["home"]), f"Chart.yaml: {url} is not below {META['home']}"
    assert META["home"] in META["sources"], f"Chart.yaml: sources {META['sources']}"


def test_icon_is_square() -> None:
    picture = ET.parse(ROOT / META["icon"].rpartition("/main/")[2]).getroot()  # noqa: S314 - ours
    *_, width, height = picture.attrib["viewBox"].split()
    assert width == height, f"{META['icon']}: {width} by {height}"


def test_every_document_names_the_oldest_kubernetes_of_the_chart() -> None:
    match = re.fullmatch(r">=(1\.\d+)\.0-0", META["kubeVersion"])
    assert match is not None, f"Chart.yaml: kubeVersion {META['kubeVersion']}, wanted >=1.N.0-0"
    for name in ("README.md", "CHANGELOG.md", "charts/uvicorn/README.md"):
        lines = [line for line in (ROOT / name).read_text().splitlines() if "Kubernetes" in line]
        named = any(re.search(rf"\b{re.escape(match[1])}\b(?!\.)", line) for line in lines)
        assert named, f"{name}: no line says that the chart needs Kubernetes {match[1]}"


def test_every_file_names_the_same_licence() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    names = {project["license"], META["annotations"]["artifacthub.io/license"]}
    assert names == {"Apache-2.0"}, f"licences {names}"
    text = (ROOT / "LICENSE").read_text()
    assert "Apache License" in text, "LICENSE: not the Apache License"
    assert "Version 2.0" in text, "LICENSE: not version 2.0"
