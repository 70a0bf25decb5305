"""A live release switches between the HPA and KEDA without losing its pods."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.chart.api_server import api_server
from tests.chart.manifests import FULL_NAME, RELEASE, Manifest, RefusedError, helm, of_kind, one
from tests.chart.test_replicas import HAD_REPLICAS, PATH, live, said
from tests.support.repository import CHART

HPA = "HorizontalPodAutoscaler"
HPA_PATH = f"/apis/autoscaling/v2/namespaces/default/horizontalpodautoscalers/{FULL_NAME}"
SCALED_PATH = f"/apis/keda.sh/v1alpha1/namespaces/default/scaledobjects/{FULL_NAME}"
OWNERSHIP = "validations.keda.sh/hpa-ownership"
KEDA = {"autoscaling": {"engine": "keda"}}
SCALED_OBJECT: Manifest = {
    "apiVersion": "keda.sh/v1alpha1",
    "kind": "ScaledObject",
    "metadata": live(1, {})["metadata"],
}


def upgraded(values: dict[str, Any], objects: dict[str, Manifest], folder: Path) -> list[Manifest]:
    """What Helm would send to a cluster with KEDA and these objects."""
    with api_server(objects, folder) as kubeconfig:
        options = ["--dry-run=server", "--disable-openapi-validation", "--namespace=default"]
        arguments = ["template", RELEASE, str(CHART), *options, f"--kubeconfig={kubeconfig}"]
        text = helm([*arguments, "--values", "-"], yaml.safe_dump(values))
    return [found for found in yaml.load_all(text, Loader=yaml.CSafeLoader) if found]


def hpa(annotations: dict[str, str]) -> Manifest:
    metadata = {"name": FULL_NAME, "namespace": "default", "annotations": annotations}
    return {"apiVersion": "autoscaling/v2", "kind": HPA, "metadata": metadata}


def test_keda_takes_over_from_the_live_hpa_of_this_chart(tmp_path: Path) -> None:
    objects = {PATH: live(5, {}), HPA_PATH: hpa({OWNERSHIP: "false"})}
    manifests = upgraded(KEDA, objects, tmp_path)
    assert one(manifests, "ScaledObject"), "no ScaledObject"
    assert not of_kind(manifests, HPA), f"{HPA}/{FULL_NAME} next to the ScaledObject"
    found = said(one(manifests, "Deployment"))
    assert found == (None, False), f"Deployment/{FULL_NAME}: {found}, wanted (None, False)"


@pytest.mark.parametrize("annotations", [{}, {OWNERSHIP: "true"}], ids=["none", "another"])
def test_a_live_hpa_that_keda_would_not_replace_is_refused(
    annotations: dict[str, str], tmp_path: Path
) -> None:
    """Otherwise KEDA's admission webhook would stop the upgrade halfway."""
    with pytest.raises(RefusedError, match=f"the HPA {FULL_NAME} in the cluster has no annotation"):
        upgraded(KEDA, {PATH: live(5, {}), HPA_PATH: hpa(annotations)}, tmp_path)


@pytest.mark.parametrize(
    ("deployment", "has_scaled_object", "wanted"),
    [
        (live(0, {}), True, (2, True)),  # an HPA would leave it without pods forever
        (live(5, {}), True, (None, False)),
        (live(0, {}), False, (None, False)),  # a person has scaled it to zero
        (live(0, HAD_REPLICAS), True, (2, True)),
    ],
    ids=["zero by KEDA", "five by KEDA", "zero by hand", "zero after a number"],
)
def test_the_hpa_gets_pods_to_act_on_after_keda(
    deployment: Manifest, has_scaled_object: bool, wanted: tuple[Any, bool], tmp_path: Path
) -> None:
    objects = {PATH: deployment} | ({SCALED_PATH: SCALED_OBJECT} if has_scaled_object else {})
    found = said(one(upgraded({}, objects, tmp_path), "Deployment"))
    assert found == wanted, f"Deployment/{FULL_NAME}: {found}, wanted {wanted}"


@pytest.mark.parametrize(
    ("minimum", "deployment", "wanted"),
    [
        (2, live(5, HAD_REPLICAS), (5, True)),
        (2, live(0, HAD_REPLICAS), (2, True)),
        (0, live(0, HAD_REPLICAS), (0, True)),
        (0, live(0, {}), (None, False)),
    ],
    ids=["five", "zero", "zero on purpose", "zero without a number"],
)
def test_keda_keeps_the_pods_of_a_live_release(
    minimum: int, deployment: Manifest, wanted: tuple[Any, bool], tmp_path: Path
) -> None:
    triggers = [{"type": "cron", "metadata": {"timezone": "UTC"}}]
    scaling = {"engine": "keda", "minReplicas": minimum, "triggers": triggers}
    objects = {PATH: deployment, SCALED_PATH: SCALED_OBJECT}
    found = said(one(upgraded({"autoscaling": scaling}, objects, tmp_path), "Deployment"))
    assert found == wanted, f"Deployment/{FULL_NAME}: {found}, wanted {wanted}"
