"""Image: repository, tag or digest, pull policy, pull secrets."""

from typing import Any

import pytest

from cluster.release import names
from tests.chart.manifests import FULL_NAME, app_of, pods_of, render

DIGEST = "sha256:" + "a" * 64


@pytest.mark.parametrize(
    ("image", "reference"),
    [
        ({}, names.image("reference")),
        ({"tag": "9.8.7"}, "ghcr.io/uvicorn-pod/reference:9.8.7"),
        ({"repository": "mirror/reference"}, f"mirror/reference:{names.VERSION}"),
        (
            {"repository": "registry.example:5000/shop/api", "tag": "1.0"},
            "registry.example:5000/shop/api:1.0",
        ),
        ({"repository": "shop/api", "tag": "9.8.7"}, "shop/api:9.8.7"),
        ({"repository": "shop/api", "digest": DIGEST}, f"shop/api@{DIGEST}"),
    ],
)
def test_image_reference_is_tag_or_digest(image: dict[str, Any], reference: str) -> None:
    is_ours = image.get("repository", "reference").endswith("reference")
    app = "reference.main:app" if is_ours else "shop.main:app"
    found = app_of(render({"image": image, "app": app}))["image"]
    assert found == reference, f"Deployment/{FULL_NAME}: image {found}, wanted {reference}"


@pytest.mark.parametrize("policy", ["IfNotPresent", "Always", "Never"])
def test_pull_policy_comes_from_the_values(policy: str) -> None:
    found = app_of(render({"image": {"pullPolicy": policy}}))["imagePullPolicy"]
    assert found == policy, f"Deployment/{FULL_NAME}: policy {found}, wanted {policy}"


def test_pull_secrets_reach_every_pod() -> None:
    secrets = [{"name": "sentinel-secret"}]
    pods = pods_of(render({"imagePullSecrets": secrets}))
    assert len(pods) == 2, f"wanted the app's and the test's pod, rendered {pods}"
    for owner, pod in pods:
        found = pod.get("imagePullSecrets")
        assert found == secrets, f"{owner}: pull secrets {found}, wanted {secrets}"
