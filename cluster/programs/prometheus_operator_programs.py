"""The Prometheus Operator's programs, whose libraries do not fit those of Prometheus itself."""

from cluster.common.paths import PROMETHEUS_OPERATOR_MODULE
from cluster.common.versions import module_version
from cluster.programs.go_module import GoModule

OPERATOR = "github.com/prometheus-operator/prometheus-operator"


def version() -> str:
    """Return the pinned version as the operator's images name it, for example `v0.92.1`."""
    return module_version(OPERATOR, PROMETHEUS_OPERATOR_MODULE)


MODULE = GoModule(
    PROMETHEUS_OPERATOR_MODULE,
    {name: f"{OPERATOR}/cmd/{name}" for name in ("operator", "prometheus-config-reloader")},
    prefix="prometheus-operator",
    tags="",
    version_variables=lambda: {"github.com/prometheus/common/version.Version": version()[1:]},
)
