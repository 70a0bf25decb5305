"""kwok, which plays the kubelets of simulated nodes, with a go.mod for its other libraries."""

from cluster.common.paths import KWOK_MODULE
from cluster.common.versions import module_version
from cluster.programs.go_module import GoModule

KWOK = "sigs.k8s.io/kwok"


def version() -> str:
    """Return the pinned version as kwok's image names it, for example `v0.8.0`."""
    return module_version(KWOK, KWOK_MODULE)


MODULE = GoModule(
    KWOK_MODULE,
    {"kwok": f"{KWOK}/cmd/kwok"},
    prefix="kwok",
    tags="",
    version_variables=lambda: {f"{KWOK}/pkg/consts.Version": version()},
)
