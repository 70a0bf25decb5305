"""Every supported version of Kubernetes knows every field that the chart renders for it."""

import re
from functools import cache

import pytest
import yaml

from cluster.common import versions
from tests.chart.conftest import VALUE_SETS
from tests.chart.crd_schemas import SOURCES
from tests.chart.everything import EVERYTHING, FLAT, SINCE
from tests.chart.kubernetes_schemas import fault, supported_minors
from tests.chart.manifests import Manifest, RefusedError, of_kind, one, render, title
from tests.chart.trees import Tree, tree
from tests.chart.umbrella import rendered
from tests.support.repository import CHART

MINORS = supported_minors()
NEWEST = MINORS[-1]


@cache
def sets() -> dict[str, Tree]:
    files = {path.name: yaml.safe_load(path.read_text()) or {} for path in VALUE_SETS}
    return files | EVERYTHING


@cache
def everything(minor: str) -> list[Manifest]:
    batches = rendered(list(EVERYTHING.values()), kube_version=f"{minor}.0")
    return [manifest for manifests in batches for manifest in manifests]


def is_before(minor: str, other: str) -> bool:
    return MINORS.index(minor) < MINORS.index(other)


def test_schemas_include_the_version_of_the_test_cluster() -> None:
    major, minor, _ = versions.kubernetes().removeprefix("v").split(".")
    assert len(MINORS) >= 4, f"schemas only of {MINORS}"
    assert f"{major}.{minor}" in MINORS, f"{versions.kubernetes()} runs, schemas of {MINORS}"


@pytest.mark.parametrize("minor", MINORS)
def test_every_object_is_valid(minor: str) -> None:
    assert VALUE_SETS, f"no *-values.yaml in {CHART / 'ci'}"
    objects = rendered(list(sets().values()), kube_version=f"{minor}.0")
    for name, manifests in zip(sets(), objects, strict=True):
        assert len(manifests) >= 4, f"{name}: renders only {[title(m) for m in manifests]}"
        for manifest in manifests:
            said = fault(manifest, minor)
            assert not said, f"{name}: {said}"


def test_everything_renders_every_template() -> None:
    """A template that the sets do not render would not be checked."""
    kinds = {
        kind
        for path in (CHART / "templates").rglob("*.yaml")
        for kind in re.findall(r"^kind: (\w+)$", path.read_text(), re.MULTILINE)
    }
    assert set(SOURCES) < kinds, f"CRDs {set(SOURCES)} of {kinds}"
    missing = kinds - {manifest["kind"] for manifest in everything(NEWEST)}
    assert not missing, f"everything renders no {sorted(missing)}"


@pytest.mark.parametrize("minor", SINCE)
def test_newer_value_is_refused_on_an_older_kubernetes(minor: str) -> None:
    values = tree(FLAT | SINCE[minor])
    (name,) = SINCE[minor]
    older = MINORS[MINORS.index(minor) - 1]
    with pytest.raises(
        RefusedError, match=rf"{name}.* needs Kubernetes {minor}, this is v?{older}"
    ):
        render(values, kube_version=f"{older}.9")
    for manifest in render(values, kube_version=f"{minor}.0"):
        said = fault(manifest, minor)
        assert not said, said


def test_field_unknown_to_a_version_is_a_fault() -> None:
    """The control: the schema of 1.33 is the first with the tolerance of an HPA."""
    values = {"autoscaling": {"behavior": {"scaleUp": {"tolerance": "0.05"}}}}
    hpa = one(render(values, kube_version=f"{NEWEST}.0"), "HorizontalPodAutoscaler")
    for minor in MINORS:
        said = fault(hpa, minor)
        assert ("tolerance" in said) == is_before(minor, "1.33"), f"{minor}: said {said!r}"


@pytest.mark.parametrize("kind", sorted(SOURCES))
def test_unknown_field_of_a_custom_resource_is_a_fault(kind: str) -> None:
    """The control for the schemas of CRDs."""
    manifest = of_kind(everything(NEWEST), kind)[0]
    said = fault(manifest | {"spec": manifest["spec"] | {"sentinel": 1}}, NEWEST)
    assert "'sentinel' was unexpected" in said, f"{kind}: said {said!r}"
