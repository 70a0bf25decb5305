"""Traefik, whose own `replace` and `exclude` lines its go.mod needs too."""

from cluster.common.paths import TRAEFIK_MODULE
from cluster.common.versions import module_version
from cluster.programs.go_module import GoModule

TRAEFIK = "github.com/traefik/traefik/v3"
GATEWAY_API = "sigs.k8s.io/gateway-api"


def version() -> str:
    """Return the pinned version as Traefik's image names it, for example `v3.6.12`."""
    return module_version(TRAEFIK, TRAEFIK_MODULE)


def gateway_api_version() -> str:
    """Return the version of the Gateway API that this Traefik knows."""
    return module_version(GATEWAY_API, TRAEFIK_MODULE)


MODULE = GoModule(
    TRAEFIK_MODULE,
    {"traefik": f"{TRAEFIK}/cmd/traefik"},
    prefix="traefik",
    tags="",
    version_variables=lambda: {f"{TRAEFIK}/pkg/version.Version": version()[1:]},
)
