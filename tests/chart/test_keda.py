"""ScaledObject: KEDA scales on the requests in flight, and on the CPU as the HPA does."""

from typing import Any

import pytest

from tests.chart.manifests import FULL_NAME, Manifest, RefusedError, helm, of_kind, one, render
from tests.support.repository import CHART

KIND = "ScaledObject"
HPA = "HorizontalPodAutoscaler"


def scaled(**scaling: Any) -> list[Manifest]:
    return render({"autoscaling": {"engine": "keda"} | scaling})


def test_keda_replaces_the_hpa() -> None:
    manifests = scaled()
    assert not of_kind(manifests, HPA), f"{HPA}/{FULL_NAME} next to {KIND}/{FULL_NAME}"
    target = one(manifests, KIND)["spec"]["scaleTargetRef"]
    wanted = {"apiVersion": "apps/v1", "kind": "Deployment", "name": FULL_NAME}
    assert target == wanted, f"{KIND}/{FULL_NAME}: target {target}, wanted {wanted}"


def test_keda_asks_every_pod_through_the_management_service() -> None:
    manifests = scaled(requestsPerPod=17)
    trigger = one(manifests, KIND)["spec"]["triggers"][0]
    service = f"{FULL_NAME}-mgmt"
    ports = [
        port["port"]
        for found in of_kind(manifests, "Service")
        if found["metadata"]["name"] == service
        for port in found["spec"]["ports"]
    ]
    metadata = trigger["metadata"]
    assert ports == [9000], f"Service/{service}: ports {ports}, wanted [9000]"
    assert metadata["url"] == f"http://{service}.default.svc:9000/metrics", metadata
    assert metadata["valueLocation"] == "uvicorn_requests_demand", metadata
    assert metadata["targetValue"] == "17", metadata
    assert (metadata["aggregateFromKubeServiceEndpoints"], metadata["aggregationType"]) == (
        "true",
        "sum",
    ), metadata


@pytest.mark.parametrize(("percent", "wanted"), [(83, ["83"]), (0, []), (None, [])])
def test_the_cpu_stays_a_trigger_unless_it_is_off(percent: int | None, wanted: list[str]) -> None:
    triggers = one(scaled(targetCPUUtilizationPercentage=percent), KIND)["spec"]["triggers"]
    found = [t["metadata"] for t in triggers if t["type"] == "cpu"]
    targets = [{"containerName": "app", "value": value} for value in wanted]
    assert found == targets, f"{KIND}/{FULL_NAME}: CPU {found}, wanted {targets}"


def test_bounds_and_behavior_are_those_of_the_hpa() -> None:
    scaling = {"minReplicas": 3, "maxReplicas": 17}
    hpa = one(render({"autoscaling": scaling}), HPA)["spec"]
    spec = one(scaled(**scaling), KIND)["spec"]
    advanced = spec["advanced"]["horizontalPodAutoscalerConfig"]
    found = spec["minReplicaCount"], spec["maxReplicaCount"], advanced["behavior"]
    wanted = hpa["minReplicas"], hpa["maxReplicas"], hpa["behavior"]
    assert found == wanted, f"{KIND}/{FULL_NAME}: {found}, the HPA has {wanted}"


def test_the_number_of_pods_stays_if_no_pod_can_be_asked() -> None:
    spec = one(scaled(minReplicas=3), KIND)["spec"]
    fallback = spec["fallback"]
    found = fallback["behavior"], fallback["replicas"]
    assert found == ("currentReplicasIfHigher", 3), f"{KIND}/{FULL_NAME}: fallback {fallback}"
    # KEDA warns of a cooldown that has no effect.
    assert "cooldownPeriod" not in spec, f"{KIND}/{FULL_NAME}: {spec}"


def test_scaling_to_zero_needs_a_trigger_that_adds_the_first_pod() -> None:
    cron = {"type": "cron", "metadata": {"timezone": "UTC"}}
    spec = one(scaled(minReplicas=0, cooldownPeriod=77, triggers=[cron]), KIND)["spec"]
    assert spec["minReplicaCount"] == 0, f"{KIND}/{FULL_NAME}: {spec['minReplicaCount']} pods"
    assert spec["triggers"][-1] == cron, f"{KIND}/{FULL_NAME}: triggers {spec['triggers']}"
    found = spec["cooldownPeriod"], spec["initialCooldownPeriod"]
    assert found == (77, 77), f"{KIND}/{FULL_NAME}: cooldown {found}, wanted (77, 77)"
    # Without a pod there is nobody to ask, which must not add one.
    assert "fallback" not in spec, f"{KIND}/{FULL_NAME}: fallback {spec.get('fallback')}"


@pytest.mark.parametrize("engine", ["hpa", "keda"])
def test_the_number_of_pods_is_never_rendered_next_to_a_scaler(engine: str) -> None:
    deployment = one(render({"autoscaling": {"engine": engine}}), "Deployment")
    assert "replicas" not in deployment["spec"], f"Deployment/{FULL_NAME} with {engine}"


def test_keda_accepts_the_hpa_that_an_upgrade_has_not_deleted_yet() -> None:
    """Its admission webhook refuses a Deployment that another HPA scales, except for this one."""
    annotations = one(render(), HPA)["metadata"]["annotations"]
    assert annotations["validations.keda.sh/hpa-ownership"] == "false", annotations
    advanced = one(scaled(), KIND)["spec"]["advanced"]["horizontalPodAutoscalerConfig"]
    assert advanced["name"] == f"{FULL_NAME}-keda", f"two HPAs of one name: {advanced}"


def test_keda_accepts_the_name_of_its_hpa_however_long_the_names_are() -> None:
    """Its admission webhook refuses more than 63 characters, the limit of a label's value."""
    values = {"autoscaling": {"engine": "keda"}, "fullnameOverride": "a" * 58}
    scaled_object = one(render(values), KIND)
    advanced = scaled_object["spec"]["advanced"]["horizontalPodAutoscalerConfig"]
    for name in (scaled_object["metadata"]["name"], advanced["name"]):
        assert len(name) <= 63, f"{name}: {len(name)} characters, wanted at most 63"


def test_the_alert_at_the_maximum_watches_the_hpa_of_keda() -> None:
    rule = one(
        render(
            {
                "autoscaling": {"engine": "keda"},
                "metrics": {"prometheusRule": {"enabled": True}, "podMonitor": {"enabled": True}},
            }
        ),
        "PrometheusRule",
    )
    rules = [each for group in rule["spec"]["groups"] for each in group["rules"]]
    [expression] = [each["expr"] for each in rules if each.get("alert") == "UvicornAtMaxReplicas"]
    wanted = f'horizontalpodautoscaler="{FULL_NAME}-keda"'
    assert wanted in expression, f"UvicornAtMaxReplicas: {expression}"


@pytest.mark.parametrize(
    ("apis", "is_refused"),
    [
        ([], False),  # a render without a cluster
        (["apiregistration.k8s.io/v1"], True),
        (["apiregistration.k8s.io/v1", "keda.sh/v1alpha1"], False),
    ],
)
def test_a_cluster_without_keda_is_refused(apis: list[str], is_refused: bool) -> None:
    arguments = [argument for api in apis for argument in ("--api-versions", api)]
    values = '{"autoscaling": {"engine": "keda"}}'
    command = ["template", "demo", str(CHART), *arguments, "--values", "-"]
    said = ""
    try:
        helm(command, values)
    except RefusedError as error:
        said = str(error)
    assert ("the cluster has no KEDA" in said) == is_refused, f"{apis}: {said!r}"
