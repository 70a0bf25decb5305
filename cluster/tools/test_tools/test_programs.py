"""The programs of the tests, apart from the cluster's: another Helm, and newer libraries."""

from functools import cache

from cluster.common.go_build import Module
from cluster.common.paths import TEST_TOOLS
from cluster.common.versions import module_version

PROGRAMS = {
    "helm3": "helm.sh/helm/v3/cmd/helm",
    "promtool": "github.com/prometheus/prometheus/cmd/promtool",
    "registry": "github.com/distribution/distribution/v3/cmd/registry",
    "helm-docs": "github.com/norwoodj/helm-docs/cmd/helm-docs",
    "actionlint": "github.com/rhysd/actionlint/cmd/actionlint",
}


@cache
def module() -> Module:
    """The module that all of them come from."""
    return Module(
        TEST_TOOLS,
        linker_flags=linker_flags(),
        # Of the service discoveries promtool knows, one: each cloud's would be compiled in.
        tags="remove_all_sd,enable_kubernetes_sd",
        prefix="testing",
    )


def linker_flags() -> str:
    """The versions that Helm 3 reports, its own and the Kubernetes it renders for by default."""
    _, minor, _ = module_version("k8s.io/client-go", TEST_TOOLS).split(".")
    helm = "helm.sh/helm/v3"
    values = {f"{helm}/internal/version.version": module_version(helm, TEST_TOOLS)}
    for package in ("pkg/chartutil", "pkg/lint/rules"):
        values[f"{helm}/{package}.k8sVersionMajor"] = "1"
        values[f"{helm}/{package}.k8sVersionMinor"] = minor
    return " ".join(["-s", "-w", *(f"-X {name}={value}" for name, value in values.items())])
