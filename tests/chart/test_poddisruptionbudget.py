"""PodDisruptionBudget: one pod at a time, and no node drain is blocked."""

import pytest

from tests.chart.manifests import FULL_NAME, Manifest, of_kind, one, render

KIND = "PodDisruptionBudget"


def test_budget_allows_one_unavailable_pod(default_manifests: list[Manifest]) -> None:
    spec = one(default_manifests, KIND)["spec"]
    assert spec["maxUnavailable"] == 1, f"{KIND}/{FULL_NAME}: {spec}"
    assert "minAvailable" not in spec, f"{KIND}/{FULL_NAME}: {spec}"


def test_budget_does_not_protect_pods_that_are_not_ready(default_manifests: list[Manifest]) -> None:
    policy = one(default_manifests, KIND)["spec"]["unhealthyPodEvictionPolicy"]
    assert policy == "AlwaysAllow", f"{KIND}/{FULL_NAME}: {policy}, wanted AlwaysAllow"


def test_budget_has_the_deployments_selector(default_manifests: list[Manifest]) -> None:
    found = one(default_manifests, KIND)["spec"]["selector"]
    wanted = one(default_manifests, "Deployment")["spec"]["selector"]
    assert found == wanted, f"{KIND}/{FULL_NAME}: selector {found}, wanted {wanted}"


@pytest.mark.parametrize("allowed", [2, "30%"])
def test_budget_comes_from_the_values(allowed: int | str) -> None:
    spec = one(render({"podDisruptionBudget": {"maxUnavailable": allowed}}), KIND)["spec"]
    found = spec["maxUnavailable"]
    assert found == allowed, f"{KIND}/{FULL_NAME}: {found}, wanted {allowed}"


@pytest.mark.parametrize(("kept", "scaling"), [(2, {"minReplicas": 3}), ("50%", {})])
def test_budget_keeps_the_users_minimum_instead(
    kept: int | str, scaling: dict[str, object]
) -> None:
    values = {"podDisruptionBudget": {"minAvailable": kept}, "autoscaling": scaling}
    spec = one(render(values), KIND)["spec"]
    found = spec.get("minAvailable"), spec.get("maxUnavailable")
    assert found == (kept, None), f"{KIND}/{FULL_NAME}: {found}, wanted ({kept}, None)"


def test_budget_can_be_turned_off() -> None:
    found = of_kind(render({"podDisruptionBudget": {"enabled": False}}), KIND)
    assert not found, f"{KIND}: {found}, wanted none"
