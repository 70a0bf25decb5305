"""Kubernetes and the tools, compiled from Go modules, all from one go.mod: they share work."""

import shutil
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from cluster.common.errors import ClusterError
from cluster.common.go_build import Module, environment, refuse_missing_go
from cluster.common.paths import BUILDS, GO_ROOT, OFFLINE
from cluster.common.process import output, run_logged
from cluster.common.steps import Step
from cluster.common.versions import kubernetes, module_version

NEEDED_BYTES = 20 << 30
WITHOUT_GO = "put kind, helm, kubectl and ct on PATH and start Docker with a registry in reach"

CLIENTS = {
    "kind": "sigs.k8s.io/kind",
    "helm": "helm.sh/helm/v4/cmd/helm",
    "kubectl": "k8s.io/kubernetes/cmd/kubectl",
    "ct": "github.com/helm/chart-testing/v3/ct",
}
"""What a person's side needs."""

SERVERS = {
    # The kubelet goes first: it pays for the packages that the others share.
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
"""What a node and the images on it need."""


@cache
def module() -> Module:
    """The module that all of them come from."""
    return Module(
        OFFLINE,
        linker_flags(),
        tags="no_btrfs,no_zfs,no_devmapper",
        prefix="programs",
        sources=(OFFLINE / "coredns" / "main.go",),
    )


def directory() -> Path:
    """Where the programs compiled from the present inputs are kept."""
    return module().directory()


def linker_flags() -> str:
    """Versions the programs report: kubeadm refuses a kubelet that does not say its own."""
    version = kubernetes()
    major, minor, _ = version.removeprefix("v").split(".")
    component, helm = "k8s.io/component-base/version", "helm.sh/helm/v4/internal/version"
    values = {
        f"{component}.gitVersion": version,
        f"{component}.gitMajor": major,
        f"{component}.gitMinor": minor,
        f"{helm}.version": module_version("helm.sh/helm/v4"),
    }
    return " ".join(["-s", "-w", *(f"-X {name}={value}" for name, value in values.items())])


def steps(programs: Mapping[str, str]) -> list[Step]:
    """One step for each program that is to be compiled."""
    return module().steps(programs)


def refuse_where_hopeless(programs: Mapping[str, str]) -> None:
    """Raise ClusterError where Go or, for all of Kubernetes, the room on disk is missing."""
    if all((directory() / name).exists() for name in programs):
        return
    BUILDS.mkdir(parents=True, exist_ok=True)
    free = shutil.disk_usage(BUILDS).free
    if "kubelet" in programs and free + _used_bytes() < NEEDED_BYTES:
        raise ClusterError(
            f"Building Kubernetes offline needs {NEEDED_BYTES >> 30} GiB free for {BUILDS}, "
            f"there are {free >> 30}: free some space, or set XDG_CACHE_HOME to a larger disk."
        )
    refuse_missing_go(WITHOUT_GO)


def _used_bytes() -> int:
    """What an earlier, interrupted build has already taken of the room it needs."""
    said = output(["du", "-sk", str(GO_ROOT)]) if GO_ROOT.exists() else None
    return int(said.split()[0]) << 10 if said else 0


@cache
def module_directory(name: str) -> Path:
    """Where Go keeps the source of a module that go.mod requires."""
    run_logged(f"download {name}", ["go", "mod", "download", name], cwd=OFFLINE, env=environment())
    return GO_ROOT / "mod" / f"{name}@{module_version(name)}"
