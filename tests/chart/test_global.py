"""Values that a parent chart shares with its subcharts: the registry and its pull secrets."""

import pytest

from tests.chart.manifests import app_of, of_kind, pods_of, render

PYTHON = {"repository": "registry.example:5000/python", "tag": "1"}


@pytest.mark.parametrize(
    ("registry", "repository", "image"),
    [
        ("mirror.example", "ghcr.io/shop/api", "mirror.example/shop/api:1"),
        ("mirror.example:5000", "registry.example:5000/api", "mirror.example:5000/api:1"),
        ("mirror.example/proxy/", "localhost/shop/api", "mirror.example/proxy/shop/api:1"),
        ("mirror.example", "shop/api", "mirror.example/shop/api:1"),
        ("mirror.example", "api", "mirror.example/api:1"),
        ("", "ghcr.io/shop/api", "ghcr.io/shop/api:1"),
    ],
)
def test_global_registry_replaces_the_images_own(
    registry: str, repository: str, image: str
) -> None:
    values = {"image": {"repository": repository, "tag": "1"}, "app": "shop.main:app"}
    found = app_of(render(values | {"global": {"imageRegistry": registry}}))["image"]
    assert found == image, f"{repository} on {registry}: {found}, wanted {image}"


def test_global_registry_also_holds_the_image_of_the_helm_test_but_no_sidecar() -> None:
    values = {
        "global": {"imageRegistry": "mirror.example"},
        "runtime": "uvicorn",
        "probes": {"startup": {"path": "/"}, "readiness": {"path": "/"}},
        "tests": {"image": PYTHON},
        "sidecars": [{"name": "proxy", "image": "ghcr.io/x/proxy:1"}],
    }
    manifests = render(values)
    (pod,) = of_kind(manifests, "Pod")
    found = pod["spec"]["containers"][0]["image"]
    assert found == "mirror.example/python:1", f"Pod: image {found}"
    sidecars = [pod["initContainers"] for _, pod in pods_of(manifests) if "initContainers" in pod]
    images = [container["image"] for containers in sidecars for container in containers]
    assert set(images) == {"ghcr.io/x/proxy:1"}, f"sidecars: {images}"


def test_global_pull_secrets_are_added_once_to_every_pod() -> None:
    shared = ["parent", {"name": "other"}, "own"]
    values = {"imagePullSecrets": [{"name": "own"}], "global": {"imagePullSecrets": shared}}
    pods = pods_of(render(values | {"migrations": {"enabled": True, "command": ["x"]}}))
    assert len(pods) == 3, f"wanted the pods of app, test and Job, rendered {pods}"
    for owner, pod in pods:
        names = [secret["name"] for secret in pod["imagePullSecrets"]]
        assert names == ["own", "parent", "other"], f"{owner}: pull secrets {names}"
