"""`replicas`: not rendered with an HPA, unless a live release had it and would lose its pods.

tests/e2e/test_hpa_upgrades.py shows that Helm's merge then keeps the pods.
"""

from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.chart.api_server import api_server
from tests.chart.manifests import FULL_NAME, RELEASE, Manifest, helm, one, render
from tests.support.repository import CHART

ANNOTATION = "uvicorn-pod/replicas"
PATH = f"/apis/apps/v1/namespaces/default/deployments/{FULL_NAME}"
FIXED = {"autoscaling": {"enabled": False}, "replicaCount": 3}


def live(replicas: int, annotations: dict[str, str]) -> Manifest:
    """A Deployment of this release, as the API server stores it."""
    owner = {"meta.helm.sh/release-name": RELEASE, "meta.helm.sh/release-namespace": "default"}
    metadata = {
        "name": FULL_NAME,
        "namespace": "default",
        "labels": {"app.kubernetes.io/managed-by": "Helm"},
        "annotations": owner | annotations,
    }
    spec = {"replicas": replicas}
    return {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": metadata, "spec": spec}


def rendered_over(deployment: Manifest | None, values: dict[str, Any], folder: Path) -> Manifest:
    """The Deployment that Helm would send to a cluster with this live Deployment."""
    with api_server({} if deployment is None else {PATH: deployment}, folder) as kubeconfig:
        options = ["--dry-run=server", "--disable-openapi-validation", "--namespace=default"]
        arguments = ["template", RELEASE, str(CHART), *options, f"--kubeconfig={kubeconfig}"]
        text = helm([*arguments, "--values", "-"], yaml.safe_dump(values))
    manifests = [found for found in yaml.load_all(text, Loader=yaml.CSafeLoader) if found]
    return one(manifests, "Deployment")


def said(deployment: Manifest) -> tuple[int | None, bool]:
    """The replicas, and whether the Deployment has the annotation."""
    annotations = deployment["metadata"].get("annotations", {})
    return deployment["spec"].get("replicas"), ANNOTATION in annotations


def test_fixed_replicas_are_rendered_and_recorded() -> None:
    found = said(one(render(FIXED), "Deployment"))
    assert found == (3, True), f"Deployment/{FULL_NAME}: {found}, wanted (3, True)"


def test_replicas_are_absent_with_an_hpa_when_there_is_no_cluster() -> None:
    found = said(one(render(), "Deployment"))
    assert found == (None, False), f"Deployment/{FULL_NAME}: {found}, wanted (None, False)"


ANOTHER_SCALER = FIXED | {"replicaCount": None}
HAD_REPLICAS = {ANNOTATION: "rendered"}


@pytest.mark.parametrize(
    ("values", "deployment", "wanted"),
    [
        ({}, None, (None, False)),
        ({}, live(5, {}), (None, False)),
        ({}, live(5, HAD_REPLICAS), (5, True)),
        ({}, live(0, HAD_REPLICAS), (2, True)),
        (ANOTHER_SCALER, None, (None, False)),
        (ANOTHER_SCALER, live(5, {}), (None, False)),
        (ANOTHER_SCALER, live(5, HAD_REPLICAS), (5, True)),
        (ANOTHER_SCALER, live(0, HAD_REPLICAS), (0, True)),
    ],
)
def test_live_release_keeps_its_pods_when_the_hpa_or_another_scaler_takes_over(
    values: dict[str, Any], deployment: Manifest | None, wanted: tuple[Any, bool], tmp_path: Path
) -> None:
    found = said(rendered_over(deployment, values, tmp_path))
    assert found == wanted, f"Deployment/{FULL_NAME}: {found}, wanted {wanted}"


def test_zero_replicas_are_rendered() -> None:
    found = said(one(render(FIXED | {"replicaCount": 0}), "Deployment"))
    assert found == (0, True), f"Deployment/{FULL_NAME}: {found}, wanted (0, True)"


def test_replica_count_wins_over_the_live_number_when_the_hpa_is_off(tmp_path: Path) -> None:
    found = said(rendered_over(live(5, {}), FIXED, tmp_path))
    assert found == (3, True), f"Deployment/{FULL_NAME}: {found}, wanted (3, True)"


def test_users_annotations_are_kept_next_to_the_replicas_annotation() -> None:
    values = FIXED | {"deploymentAnnotations": {"sentinel": "x"}}
    found = one(render(values), "Deployment")["metadata"]["annotations"]
    wanted = {ANNOTATION: "rendered", "sentinel": "x"}
    assert found == wanted, f"Deployment/{FULL_NAME}: {found}, wanted {wanted}"
