"""Compile Kubernetes and the tools from Go modules, all from one go.mod so that they share work."""

import re
import shutil
from collections.abc import Mapping
from functools import cache, partial
from pathlib import Path

from cluster import digest
from cluster.errors import ClusterError
from cluster.paths import BUILDS, GO_ROOT, OFFLINE
from cluster.plan import Step
from cluster.process import output, run_logged
from cluster.versions import kubernetes, module_version

NEEDED_BYTES = 20 << 30
OLDEST_GO = (1, 26, 7)

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
def directory() -> Path:
    """Where the programs compiled from the present inputs are kept."""
    inputs = [OFFLINE / "go.mod", OFFLINE / "go.sum", OFFLINE / "coredns" / "main.go"]
    return BUILDS / f"programs-{digest.of(linker_flags(), files=inputs)}"


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
    return [_step(name, package) for name, package in programs.items()]


def _step(name: str, package: str) -> Step:
    return Step(
        f"compile {name}",
        (directory() / name).exists,
        partial(_compile, name, package),
    )


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
    _refuse_missing_go()


def _used_bytes() -> int:
    """What an earlier, interrupted build has already taken of the room it needs."""
    said = output(["du", "-sk", str(GO_ROOT)]) if GO_ROOT.exists() else None
    return int(said.split()[0]) << 10 if said else 0


def _refuse_missing_go() -> None:
    wanted = ".".join(map(str, OLDEST_GO))
    if shutil.which("go") is None:
        raise ClusterError(
            f"Go is not installed: install Go {wanted} or newer, "
            "or put kind, helm, kubectl and ct on PATH and start Docker with a registry in reach."
        )
    said = output(["go", "env", "GOVERSION"]) or ""
    found = tuple(int(part) for part in re.findall(r"\d+", said)[:3])
    if found < OLDEST_GO:
        raise ClusterError(f"Go is {said or 'broken'}, but {wanted} or newer is needed.")


def environment() -> dict[str, str]:
    """Go's settings: caches of our own, so that `make clean` can remove them."""
    return {
        "CGO_ENABLED": "0",
        "GOFLAGS": "-modcacherw -mod=readonly",
        "GOMODCACHE": str(GO_ROOT / "mod"),
        "GOCACHE": str(GO_ROOT / "build"),
        "GOWORK": "off",
    }


def _compile(name: str, package: str) -> None:
    target = directory() / name
    target.parent.mkdir(parents=True, exist_ok=True)
    unfinished = target.with_suffix(".partial")
    run_logged(
        f"compile {name}",
        [
            "go", "build", "-trimpath", "-buildvcs=false",
            "-tags", "no_btrfs,no_zfs,no_devmapper",
            "-ldflags", linker_flags(),
            "-o", str(unfinished), package,
        ],
        cwd=OFFLINE,
        env=environment(),
    )  # fmt: skip
    unfinished.replace(target)


@cache
def module_directory(module: str) -> Path:
    """Where Go keeps the source of a module that go.mod requires."""
    run_logged(
        f"download {module}", ["go", "mod", "download", module], cwd=OFFLINE, env=environment()
    )
    return GO_ROOT / "mod" / f"{module}@{module_version(module)}"
