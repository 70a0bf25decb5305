"""Kubernetes, and the tools that talk to it, compiled from one go.mod so that they share work."""

import shutil
from collections.abc import Iterable
from functools import cache
from pathlib import Path

from cluster.common.errors import ClusterError
from cluster.common.paths import BUILDS, GO_ROOT, KUBERNETES_MODULE
from cluster.common.process import output, run_logged
from cluster.common.versions import kubernetes, module_version
from cluster.programs.go_module import GoModule, go_environment, require_go

NEEDED_BYTES = 20 << 30
WITHOUT_GO = "put kind, helm, kubectl and ct on PATH and start Docker with a reachable registry"

CLIENTS = {
    "kind": "sigs.k8s.io/kind",
    "helm": "helm.sh/helm/v4/cmd/helm",
    "kubectl": "k8s.io/kubernetes/cmd/kubectl",
    "ct": "github.com/helm/chart-testing/v3/ct",
}
"""Programs that run on the host."""

SERVERS = {
    # The kubelet is first because it compiles most of the packages that the others share.
    "kubelet": "k8s.io/kubernetes/cmd/kubelet",
    "kubeadm": "k8s.io/kubernetes/cmd/kubeadm",
    "kube-apiserver": "k8s.io/kubernetes/cmd/kube-apiserver",
    "kube-controller-manager": "k8s.io/kubernetes/cmd/kube-controller-manager",
    "kube-scheduler": "k8s.io/kubernetes/cmd/kube-scheduler",
    "kube-proxy": "k8s.io/kubernetes/cmd/kube-proxy",
    "etcd": "go.etcd.io/etcd/server/v3",
    "containerd": "github.com/containerd/containerd/v2/cmd/containerd",
    "containerd-shim-runc-v2": "github.com/containerd/containerd/v2/cmd/containerd-shim-runc-v2",
    "ctr": "github.com/containerd/containerd/v2/cmd/ctr",
    "coredns": "./coredns",
    "metrics-server": "sigs.k8s.io/metrics-server/cmd/metrics-server",
}
"""Programs that run on a node or in the images on it; compiled only offline."""


def _version_variables() -> dict[str, str]:
    """kubeadm refuses a kubelet that does not report kubeadm's own version."""
    version = kubernetes()
    major, minor, _ = version.removeprefix("v").split(".")
    component, helm = "k8s.io/component-base/version", "helm.sh/helm/v4/internal/version"
    return {
        f"{component}.gitVersion": version,
        f"{component}.gitMajor": major,
        f"{component}.gitMinor": minor,
        f"{helm}.version": module_version("helm.sh/helm/v4"),
    }


MODULE = GoModule(
    KUBERNETES_MODULE,
    CLIENTS | SERVERS,
    prefix="programs",
    tags="no_btrfs,no_zfs,no_devmapper",
    version_variables=_version_variables,
    sources=(KUBERNETES_MODULE / "coredns" / "main.go",),
)


def require_go_and_disk_space(names: Iterable[str]) -> None:
    """Raise ClusterError if these programs are not compiled yet and cannot be.

    Compiling needs Go and, for all of Kubernetes, NEEDED_BYTES of disk space.
    """
    if MODULE.are_built(names):
        return
    BUILDS.mkdir(parents=True, exist_ok=True)
    free = shutil.disk_usage(BUILDS).free
    if "kubelet" in names and free + _used_bytes() < NEEDED_BYTES:
        raise ClusterError(
            f"Building Kubernetes offline needs {NEEDED_BYTES >> 30} GiB free for {BUILDS}, but "
            f"only {free >> 30} GiB are free: free some space, or set XDG_CACHE_HOME to a larger "
            "disk."
        )
    require_go(WITHOUT_GO)


def _used_bytes() -> int:
    """Return the disk space that an earlier, interrupted build has already taken."""
    reported = output(["du", "-sk", str(GO_ROOT)]) if GO_ROOT.exists() else None
    return int(reported.split()[0]) << 10 if reported else 0


@cache
def module_source(name: str, folder: Path = KUBERNETES_MODULE) -> Path:
    """Download the source of a module that the folder's go.mod requires; return its directory."""
    run_logged(
        f"download {name}",
        ["go", "mod", "download", name],
        cwd=folder,
        env=go_environment(),
    )
    return GO_ROOT / "mod" / f"{name}@{module_version(name, folder)}"
