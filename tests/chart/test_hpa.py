"""HorizontalPodAutoscaler: on by default, on the CPU of the app's container."""

from pathlib import Path

import pytest
import yaml

from tests.chart.manifests import FULL_NAME, Manifest, app_of, of_kind, one, render
from tests.support.repository import CHART

KIND = "HorizontalPodAutoscaler"


def test_hpa_targets_the_deployment(default_manifests: list[Manifest]) -> None:
    found = one(default_manifests, KIND)["spec"]["scaleTargetRef"]
    wanted = {"apiVersion": "apps/v1", "kind": "Deployment", "name": FULL_NAME}
    assert found == wanted, f"{KIND}/{FULL_NAME}: target {found}, wanted {wanted}"


def test_hpa_measures_only_the_apps_container(default_manifests: list[Manifest]) -> None:
    metrics = one(default_manifests, KIND)["spec"]["metrics"]
    wanted = [
        {
            "type": "ContainerResource",
            "containerResource": {
                "container": app_of(default_manifests)["name"],
                "name": "cpu",
                "target": {"type": "Utilization", "averageUtilization": 60},
            },
        }
    ]
    assert metrics == wanted, f"{KIND}/{FULL_NAME}: metrics {metrics}, wanted {wanted}"


def test_hpa_bounds_and_target_come_from_the_values() -> None:
    scaling = {"minReplicas": 3, "maxReplicas": 17, "targetCPUUtilizationPercentage": 83}
    spec = one(render({"autoscaling": scaling}), KIND)["spec"]
    target = spec["metrics"][0]["containerResource"]["target"]["averageUtilization"]
    found = spec["minReplicas"], spec["maxReplicas"], target
    assert found == (3, 17, 83), f"{KIND}/{FULL_NAME}: {found}, wanted (3, 17, 83)"


@pytest.mark.parametrize("target", [0, None])
def test_hpa_follows_only_the_users_metric_without_a_cpu_target(target: int | None) -> None:
    """The CPU request may then be empty."""
    metric = {"type": "Pods", "pods": {"metric": {"name": "sentinel"}}}
    scaling = {"targetCPUUtilizationPercentage": target, "metrics": [metric]}
    values = {"autoscaling": scaling, "resources": {"requests": {"cpu": ""}}}
    metrics = one(render(values), KIND)["spec"]["metrics"]
    assert metrics == [metric], f"{KIND}/{FULL_NAME}: metrics {metrics}, wanted {[metric]}"


def test_hpa_scales_up_at_once_and_down_after_five_minutes(
    default_manifests: list[Manifest],
) -> None:
    behavior = one(default_manifests, KIND)["spec"]["behavior"]
    windows = {name: rule["stabilizationWindowSeconds"] for name, rule in behavior.items()}
    wanted = {"scaleUp": 0, "scaleDown": 300}
    assert windows == wanted, f"{KIND}/{FULL_NAME}: windows {windows}, wanted {wanted}"


def test_one_field_of_the_behavior_can_be_overridden() -> None:
    down = {"stabilizationWindowSeconds": 15}
    behavior = one(render({"autoscaling": {"behavior": {"scaleDown": down}}}), KIND)["spec"]
    defaults = yaml.safe_load((CHART / "values.yaml").read_text())["autoscaling"]["behavior"]
    wanted = defaults | {"scaleDown": defaults["scaleDown"] | down}
    assert behavior["behavior"] == wanted, f"{KIND}: {behavior['behavior']}, wanted {wanted}"


def test_hpa_and_replicas_are_never_rendered_together(value_set: Path) -> None:
    manifests = render(files=(value_set,))
    has_hpa = bool(of_kind(manifests, KIND))
    has_replicas = "replicas" in one(manifests, "Deployment")["spec"]
    assert has_hpa != has_replicas, f"{value_set.name}: HPA {has_hpa}, replicas {has_replicas}"


def test_vertical_autoscaler_only_recommends(
    default_manifests: list[Manifest],
) -> None:
    kind = "VerticalPodAutoscaler"
    assert not of_kind(default_manifests, kind), f"{kind}: rendered by default"
    spec = one(render({"verticalPodAutoscaler": {"enabled": True}}), kind)["spec"]
    assert spec["updatePolicy"] == {"updateMode": "Off"}, f"{kind}/{FULL_NAME}: {spec}"
    target = {"apiVersion": "apps/v1", "kind": "Deployment", "name": FULL_NAME}
    assert spec["targetRef"] == target, f"{kind}/{FULL_NAME}: {spec}, wanted {target}"
