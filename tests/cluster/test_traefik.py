"""The Gateway API that the tests install is the one that the pinned Traefik knows."""

import yaml

from cluster.common.paths import TRAEFIK_MODULE
from cluster.programs.traefik_programs import gateway_api_version
from tests.e2e.traefik.installation import GATEWAY_API_MANIFESTS

VERSION = "gateway.networking.k8s.io/bundle-version"


def test_custom_resources_are_of_the_version_that_go_mod_pins() -> None:
    crds = list(yaml.safe_load_all(GATEWAY_API_MANIFESTS.read_text()))
    assert crds, f"{GATEWAY_API_MANIFESTS} defines no custom resource"
    found = {crd["metadata"]["annotations"][VERSION] for crd in crds}
    assert found == {gateway_api_version()}, (
        f"{TRAEFIK_MODULE}/go.mod pins {gateway_api_version()}, found {found}: "
        "run `python -m generate.gateway_api_manifests`"
    )
