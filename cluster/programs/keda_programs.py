"""KEDA's programs, with a separate go.mod because KEDA pins other libraries than Kubernetes."""

from cluster.common.paths import KEDA_MODULE
from cluster.common.versions import module_version
from cluster.programs.go_module import GoModule

KEDA = "github.com/kedacore/keda/v2"


def version() -> str:
    """Return the pinned version as KEDA's images and programs name it, for example `2.21.0`."""
    return module_version(KEDA, KEDA_MODULE).removeprefix("v")


MODULE = GoModule(
    KEDA_MODULE,
    # Named as in KEDA's own images, because the manifests start /keda and /keda-adapter.
    {"keda": f"{KEDA}/cmd/operator", "keda-adapter": f"{KEDA}/cmd/adapter"},
    prefix="keda",
    tags="",
    version_variables=lambda: {f"{KEDA}/version.Version": version()},
)
