"""The manifests of the Prometheus Operator run the pinned version and the images that are built."""

from typing import Any

import yaml

from cluster.common.paths import PROMETHEUS_OPERATOR_MODULE
from cluster.programs.prometheus_operator_programs import version
from tests.e2e.prometheus import images
from tests.e2e.prometheus.installation import OPERATOR_MANIFESTS

REGENERATE = "run `python -m generate.prometheus_operator_manifests`"


def of_kind(kind: str) -> list[dict[str, Any]]:
    found = yaml.safe_load_all(OPERATOR_MANIFESTS.read_text())
    return [manifest for manifest in found if manifest["kind"] == kind]


def test_custom_resources_are_of_the_version_that_go_mod_pins() -> None:
    found = {
        crd["metadata"]["name"]: crd["metadata"]["annotations"]["operator.prometheus.io/version"]
        for crd in of_kind("CustomResourceDefinition")
    }
    assert found, f"{OPERATOR_MANIFESTS} defines no custom resource"
    wanted = version().removeprefix("v")
    assert set(found.values()) == {wanted}, (
        f"{PROMETHEUS_OPERATOR_MODULE}/go.mod pins {wanted}, found {found}: {REGENERATE}"
    )


def test_the_operator_and_its_reloader_run_the_images_that_are_built() -> None:
    built = {image.program: image.name for image in images.all_images()}
    (deployment,) = of_kind("Deployment")
    (container,) = deployment["spec"]["template"]["spec"]["containers"]
    assert container["image"] == built["operator"], f"{container['image']}: {REGENERATE}"
    reloader = f"--prometheus-config-reloader={built['prometheus-config-reloader']}"
    assert reloader in container["args"], f"{container['args']} without {reloader}: {REGENERATE}"
