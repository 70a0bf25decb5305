"""Writes tests/e2e/traefik/gateway_api.yaml: the Gateway API that the pinned Traefik knows.

`python -m generate.gateway_api_manifests` needs Go and a module proxy. Users of the file need
neither.
"""

import yaml

from cluster.common.paths import TRAEFIK_MODULE
from cluster.programs.kubernetes_programs import module_source
from cluster.programs.traefik_programs import GATEWAY_API
from generate.add_on_manifests import Manifest, custom_resources
from tests.e2e.traefik.installation import GATEWAY_API_MANIFESTS

HEADER = (
    "# From the Gateway API's Go module (Apache-2.0), written by\n"
    "# `python -m generate.gateway_api_manifests`.\n"
)
CHECKED = ("gateways", "httproutes")
"""Kinds that the chart renders or that the tests install, with their own schema."""
UNCHECKED = ("backendtlspolicies", "gatewayclasses", "grpcroutes", "referencegrants")
"""Kinds that Traefik also wants to watch."""


def manifests() -> list[Manifest]:
    """The CRDs, without the texts that explain fields."""
    folder = module_source(GATEWAY_API, TRAEFIK_MODULE) / "config" / "crd" / "standard"
    return custom_resources(
        folder, "gateway.networking.k8s.io", checked=CHECKED, unchecked=UNCHECKED
    )


if __name__ == "__main__":
    GATEWAY_API_MANIFESTS.write_text(HEADER + yaml.safe_dump_all(manifests(), width=120))
