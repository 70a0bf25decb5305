"""Make, mend and remove the kind cluster."""

import json
import re
import socket
import time
from pathlib import Path

from cluster.common.errors import ClusterError
from cluster.common.paths import CLUSTER, CLUSTER_NAME, KUBECONFIG, STATE
from cluster.common.process import output, run_logged
from cluster.engine import capabilities, image_builder
from cluster.offline import network_isolation
from cluster.tools import tool_choice

CONFIG = CLUSTER / "kind.yaml"
NODES = ("control-plane", "worker", "worker2")
READY_TIMEOUT = "120s"
RECOVERY_SECONDS = 60


def node_names() -> list[str]:
    """Names of the node containers, which are the nodes' names too."""
    return [f"{CLUSTER_NAME}-{node}" for node in NODES]


def host_ports() -> list[int]:
    """The ports on loopback that the cluster takes."""
    return [int(port) for port in re.findall(r"hostPort: (\d+)", CONFIG.read_text())]


def node_states() -> dict[str, str]:
    """Node container → its state (`running`, `exited`, …), those that exist."""
    listed = output([
        "docker", "ps", "--all", "--filter", f"label=io.x-k8s.kind.cluster={CLUSTER_NAME}",
        "--format", "{{.Names}} {{.State}}",
    ])  # fmt: skip
    return dict(line.split() for line in (listed or "").splitlines())


def kubectl(*arguments: str, timeout_seconds: float = 30) -> str | None:
    """Output of kubectl against the cluster; None when it fails."""
    return output([*kubectl_command(), *arguments], timeout_seconds=timeout_seconds)


def kubectl_command() -> list[str]:
    """kubectl and the options that make it speak to the cluster."""
    return [tool_choice.path("kubectl"), f"--kubeconfig={KUBECONFIG}"]


def is_healthy() -> bool:
    """Whether every node runs and Kubernetes says that each is ready."""
    if not _do_nodes_run() or not KUBECONFIG.exists():
        return False
    listed = kubectl("get", "nodes", "--output=json", "--request-timeout=10s")
    nodes = json.loads(listed)["items"] if listed else []
    return len(nodes) == len(NODES) and all(_is_ready(node) for node in nodes)


def _do_nodes_run() -> bool:
    states = node_states()
    return sorted(states) == sorted(node_names()) and set(states.values()) == {"running"}


def recover() -> None:
    """Give a cluster whose nodes run a while to get ready: its engine may just have started.

    Its kubeconfig may be missing, or be that of an earlier cluster of the same name.
    """
    if not _do_nodes_run() or is_healthy():
        return
    _export_kubeconfig()
    print("waiting for the cluster that is there …", flush=True)
    deadline = time.monotonic() + RECOVERY_SECONDS
    while not is_healthy() and time.monotonic() < deadline:
        time.sleep(1)


def _is_ready(node: dict) -> bool:  # type: ignore[type-arg]
    return any(c["type"] == "Ready" and c["status"] == "True" for c in node["status"]["conditions"])


def create(image: str | None, *, is_offline: bool) -> None:
    """Start the cluster from a node image, or else from kind's own default.

    A cluster that is there but does not work, after its engine was killed for example, is removed.
    """
    if node_states():
        states = ", ".join(f"{name} {state}" for name, state in node_states().items())
        print(f"  a cluster is there that does not work ({states}): it is made anew.")
        delete()
    refuse_taken_ports()
    network = {}
    if is_offline:
        network_isolation.contain_network()
        network = {"KIND_EXPERIMENTAL_DOCKER_NETWORK": network_isolation.NETWORK}
    run_logged(
        "start the cluster",
        [
            tool_choice.path("kind"), "create", "cluster", f"--name={CLUSTER_NAME}",
            f"--config={_config(is_offline=is_offline)}", f"--kubeconfig={KUBECONFIG}",
            *([f"--image={image}"] if image else []),
        ],
        env=network,
    )  # fmt: skip
    run_logged(
        "wait for the nodes",
        [
            *kubectl_command(), "wait", "node", "--all",
            "--for=condition=Ready", f"--timeout={READY_TIMEOUT}",
        ],
    )  # fmt: skip


def _config(*, is_offline: bool) -> Path:
    """kind's configuration, with what this host needs beside what every host does."""
    text = CONFIG.read_text()
    if is_offline and not capabilities.can_lower_oom_score():
        text += (
            "containerdConfigPatches:\n"
            "  - |\n"
            '    [plugins."io.containerd.grpc.v1.cri"]\n'
            "      restrict_oom_score_adj = true\n"
        )
    written = STATE / "kind.yaml"
    written.write_text(text)
    return written


def refuse_taken_ports() -> None:
    """Raise ClusterError, naming it, where a port on loopback is somebody else's."""
    for port in host_ports():
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError as error:
                raise ClusterError(
                    f"Port {port} on 127.0.0.1 is in use, and the cluster needs "
                    f"{host_ports()[0]} to {host_ports()[-1]}: stop what listens there "
                    f"(`ss -ltnp 'sport = :{port}'` names it) and run this again."
                ) from error


def _export_kubeconfig() -> None:
    run_logged(
        "export kubeconfig",
        [tool_choice.path("kind"), "export", "kubeconfig", f"--name={CLUSTER_NAME}",
         f"--kubeconfig={KUBECONFIG}"],
    )  # fmt: skip


def delete() -> None:
    """Remove the cluster and nothing else; needs no kind, which may be what is missing."""
    states = node_states()
    if states:
        refuse_foreign_cluster()
        run_logged("remove the cluster", ["docker", "rm", "--force", "--volumes", *states])
    network_isolation.remove_network()
    KUBECONFIG.unlink(missing_ok=True)


def refuse_foreign_cluster() -> None:
    """Raise ClusterError where a cluster of our name was not made here: it lacks our ports."""
    control_plane = node_names()[0]
    if control_plane not in node_states():
        return
    form = "{{json .HostConfig.PortBindings}}"
    bound = output(["docker", "container", "inspect", "--format", form, control_plane])
    if bound is not None and f'"{host_ports()[0]}"' not in bound:
        raise ClusterError(
            f"A kind cluster called {CLUSTER_NAME} is there that was not made here: "
            f"remove it with `kind delete cluster --name {CLUSTER_NAME}`, if nobody needs it."
        )


def load_image(image: str) -> None:
    """Put one of the engine's images on every node."""
    run_logged(
        "load image",
        [tool_choice.path("kind"), "load", "docker-image", image, f"--name={CLUSTER_NAME}"],
    )
    for node in node_names():
        _ctr(node, "images", "label", image, _mark(image))


def holds_image(image: str) -> bool:
    """Whether every node was given the very image that the engine has under this name now."""
    mark = _mark(image)
    return all(
        mark in (_ctr(node, "images", "list", f"name=={image}") or "") for node in node_names()
    )


def _mark(image: str) -> str:
    """A label by which a loaded image is known: a node stores it under another id than the engine.

    Raises ClusterError where the engine has no such image.
    """
    identity = image_builder.image_id(image)
    if identity is None:
        raise ClusterError(f"There is no image {image} to load: build it first.")
    return f"uvicorn-pod.id={identity}"


def _ctr(node: str, *arguments: str) -> str | None:
    return output(["docker", "exec", node, "ctr", "--namespace=k8s.io", *arguments])
