"""Programs that only the tests run, with a separate go.mod for Helm 3 and newer libraries."""

from cluster.common.paths import TESTING_MODULE
from cluster.common.versions import module_version
from cluster.programs.go_module import GoModule

PROMETHEUS = "github.com/prometheus/prometheus"


def _version_variables() -> dict[str, str]:
    """Helm 3 reports its own version, and the Kubernetes version it renders for by default."""
    _, minor, _ = module_version("k8s.io/client-go", TESTING_MODULE).split(".")
    helm = "helm.sh/helm/v3"
    values = {f"{helm}/internal/version.version": module_version(helm, TESTING_MODULE)}
    for package in ("pkg/chartutil", "pkg/lint/rules"):
        values[f"{helm}/{package}.k8sVersionMajor"] = "1"
        values[f"{helm}/{package}.k8sVersionMinor"] = minor
    return values


def prometheus_version() -> str:
    """Return the pinned version as Prometheus's image names it: Go's v0.316.0 is v3.16.0."""
    _, minor, patch = module_version(PROMETHEUS, TESTING_MODULE).split(".")
    return f"v{minor[0]}.{int(minor[1:])}.{patch}"


MODULE = GoModule(
    TESTING_MODULE,
    {
        "helm3": "helm.sh/helm/v3/cmd/helm",
        "prometheus": f"{PROMETHEUS}/cmd/prometheus",
        "promtool": f"{PROMETHEUS}/cmd/promtool",
        "registry": "github.com/distribution/distribution/v3/cmd/registry",
        "helm-docs": "github.com/norwoodj/helm-docs/cmd/helm-docs",
        "actionlint": "github.com/rhysd/actionlint/cmd/actionlint",
    },
    prefix="testing",
    # Prometheus gets one service discovery only; the others would compile in each cloud's SDK.
    tags="remove_all_sd,enable_kubernetes_sd",
    version_variables=_version_variables,
)
