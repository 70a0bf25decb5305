"""Every file of the pages in recipes.py renders valid objects, which do what the page promises."""

from pathlib import Path

import pytest

from tests.chart import recipes
from tests.chart.kubernetes_schemas import fault, supported_minors
from tests.chart.recipe_promises import PROMISES
from tests.chart.test_package import META, PUBLISHED

OLDEST, *_, NEWEST = supported_minors()
# Kinds in `extraObjects` whose schemas belong to a cloud.
FOREIGN = {"BackendConfig"}


def test_every_file_has_a_promise() -> None:
    differ = PROMISES.keys() ^ recipes.files().keys()
    assert not differ, f"only on the pages, or only in this test: {sorted(differ)}"


@pytest.mark.parametrize("name", recipes.files())
def test_file_renders_valid_objects(name: str, tmp_path: Path) -> None:
    for minor in (OLDEST, NEWEST):
        manifests = recipes.rendered(name, tmp_path, f"{minor}.0")
        assert len(manifests) >= 5, f"{name}: renders only {manifests}"
        for manifest in manifests:
            said = "" if manifest["kind"] in FOREIGN else fault(manifest, minor)
            assert not said, f"{name} on {minor}: {said}"


@pytest.mark.parametrize("name", recipes.files())
def test_file_does_what_its_recipe_promises(name: str, tmp_path: Path) -> None:
    PROMISES[name](recipes.rendered(name, tmp_path))


def test_command_of_the_page_has_the_files_in_the_tested_order() -> None:
    for name, before in recipes.BEFORE.items():
        options = " ".join(f"--values {file}" for file in (*before, name))
        assert f"{options}\n" in recipes.PAGE.read_text(), f"docs/recipes.md: no {options!r}"


def test_argo_cd_and_flux_take_the_published_chart() -> None:
    (application,) = recipes.documents("argo-cd.yaml")
    source = application["spec"]["source"]
    found = f"oci://{source['repoURL']}", source["chart"], source["targetRevision"]
    assert found == (PUBLISHED, META["name"], META["version"]), f"Application: {found}"
    assert "releaseName" not in source["helm"], "Application: sets the release's name"
    repository, release = recipes.documents("flux.yaml")
    spec = repository["spec"]
    assert spec["url"] == f"{PUBLISHED}/{META['name']}", f"OCIRepository: {spec['url']}"
    assert spec["ref"]["tag"] == META["version"], f"OCIRepository: {spec['ref']}"
    wanted = {"kind": repository["kind"], "name": repository["metadata"]["name"]}
    assert release["spec"]["chartRef"] == wanted, f"HelmRelease: {release['spec']['chartRef']}"


def test_condition_of_the_parent_chart_turns_the_app_off(tmp_path: Path) -> None:
    values = recipes.values("values.yaml")
    values["api"]["enabled"] = False
    found = recipes.parent_chart(tmp_path, values)
    assert not found, f"api.enabled is false: rendered {found}"
