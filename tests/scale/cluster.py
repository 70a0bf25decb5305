"""The cluster of the scale test: one real node, on which kwok simulates all others."""

import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from string import Template

from cluster import kind, kubernetes_version, metrics_server, online_or_offline, program_image
from cluster.common import lock
from cluster.common.steps import perform
from cluster.offline import network_isolation, node_image
from cluster.program_image import ProgramImage
from cluster.programs import tool_choice
from cluster.programs.kwok_programs import MODULE, version
from tests.scale import nodes
from tests.support.commands import run

HERE = Path(__file__).parent
MANIFESTS = HERE / "kwok.yaml"
CONFIG = HERE / "kwok-config.yaml"
READY_SECONDS = 180
WITHOUT_GO = "leave `make scale-test` out"
CONTROL_PLANE = kind.node_names(kind.SCALE)[0]


@contextmanager
def scale_cluster() -> Iterator[None]:
    """Creates the cluster with its simulated nodes, and always removes it.

    Needs what `make up` builds. First removes the cluster that an interrupted run left.
    """
    # SIGTERM ends Python without its `finally` blocks, unless it raises an exception.
    earlier = signal.signal(signal.SIGTERM, lambda *_: sys.exit("ended by SIGTERM"))
    kind.delete(kind.SCALE)
    try:
        _create()
        yield
    finally:
        kind.delete(kind.SCALE)
        signal.signal(signal.SIGTERM, earlier)


def image() -> ProgramImage:
    """kwok's image, with the name of the released one."""
    name = f"registry.k8s.io/kwok/kwok:{version()}"
    return ProgramImage(MODULE, "kwok", name, folder="/usr/local/bin")


def kubectl(*arguments: str, stdin: str | None = None) -> str:
    """Returns the output of kubectl on this cluster."""
    return run(*kind.kubectl_command(kind.SCALE), *arguments, stdin=stdin)


def helm(*arguments: str) -> str:
    """Returns the output of helm on this cluster."""
    return run(tool_choice.path("helm"), f"--kubeconfig={kind.SCALE.kubeconfig}", *arguments)


def on_node(*command: str) -> str:
    """Returns the output of a command on the real node."""
    return run("docker", "exec", CONTROL_PLANE, *command)


def _create() -> None:
    is_offline = online_or_offline.is_offline()
    if is_offline:
        with lock.exclusive():
            perform(program_image.building([image()], without_go=WITHOUT_GO))
            network_isolation.isolate_network()
        network = network_isolation.NETWORK
        kind.create(node_image.name(), offline_network=network, cluster=kind.SCALE)
        perform(program_image.loading([image()], kind.SCALE))
    else:
        node = kubernetes_version.requested_image()
        kind.create(node, offline_network=None, cluster=kind.SCALE)
    metrics_server.install(kind.SCALE)
    _install_kwok()
    kubectl("create", "--filename=-", stdin=nodes.manifests())
    ready = ("--for=condition=Ready", f"--timeout={READY_SECONDS}s")
    kubectl("wait", "node", nodes.SELECTOR, *ready)


def _install_kwok() -> None:
    system = "--namespace=kube-system"
    kubectl(system, "create", "configmap", "kwok", f"--from-file=kwok.yaml={CONFIG}")
    manifest = Template(MANIFESTS.read_text()).substitute(image=image().name)
    kubectl("apply", "--server-side", "--filename=-", stdin=manifest)
    kubectl(system, "rollout", "status", "deployment/kwok", f"--timeout={READY_SECONDS}s")
