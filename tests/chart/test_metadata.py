"""Chart.yaml says what the rest of the repository says."""

import tomllib
from pathlib import Path
from typing import Any

import yaml

from tests.chart.manifests import CHART, render

ROOT = Path(__file__).parents[2]
META: dict[str, Any] = yaml.safe_load((CHART / "Chart.yaml").read_text())


def test_app_version_is_the_version_of_the_python_package() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert META["appVersion"] == project["version"], (
        f"Chart.yaml: appVersion {META['appVersion']}, pyproject.toml: {project['version']}"
    )


def test_chart_renders_on_the_oldest_kubernetes_it_names() -> None:
    oldest = META["kubeVersion"].removeprefix(">=").removesuffix("-0")
    assert render(kube_version=oldest), f"Kubernetes {oldest}: nothing rendered"


def test_chart_has_one_kind_per_template() -> None:
    templates = sorted((CHART / "templates").rglob("*.yaml"))
    assert templates, "no templates"
    for template in templates:
        if template.name == "extraobjects.yaml":  # the user's own kinds
            continue
        kinds = [line for line in template.read_text().splitlines() if line.startswith("kind: ")]
        assert len(kinds) == 1, f"{template.name}: wanted one kind, has {kinds}"


def test_templates_keep_to_their_size() -> None:
    limits = {"deployment.yaml": 150, "_helpers.tpl": 120}
    templates = [path for path in (CHART / "templates").rglob("*.*") if path.is_file()]
    assert templates, "no templates"
    for template in templates:
        limit, lines = limits.get(template.name, 60), len(template.read_text().splitlines())
        assert lines <= limit, f"{template.name}: {lines} lines, wanted at most {limit}"


def test_what_artifact_hub_shows_is_of_this_version() -> None:
    annotations = META["annotations"]
    (image,) = yaml.safe_load(annotations["artifacthub.io/images"])
    found = image["image"].rpartition(":")[2]
    assert found == META["appVersion"], (
        f"Chart.yaml: image {found}, appVersion {META['appVersion']}"
    )
    assert yaml.safe_load(annotations["artifacthub.io/changes"]), "Chart.yaml: no changes"


def test_what_chart_yaml_links_to_is_in_the_repository() -> None:
    links = yaml.safe_load(META["annotations"]["artifacthub.io/links"])
    for url in [META["icon"], *[link["url"] for link in links]]:
        path = ROOT / url.rpartition("/main/")[2]
        assert path.is_file(), f"Chart.yaml: {url} is not a file of the repository"


def test_licence_is_the_one_that_every_file_names() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    names = {project["license"], META["annotations"]["artifacthub.io/license"]}
    assert names == {"Apache-2.0"}, f"licences {names}"
    text = (ROOT / "LICENSE").read_text()
    assert "Apache License" in text, "LICENSE: not the Apache License"
    assert "Version 2.0" in text, "LICENSE: not version 2.0"
