"""kind clusters: create and delete one, check its health, load images on its nodes."""

import json
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from cluster import host_ports
from cluster.common.errors import ClusterError
from cluster.common.paths import CLUSTER, CLUSTER_NAME, KUBECONFIG, STATE
from cluster.common.process import output, run_logged
from cluster.engine import capabilities, image_builder
from cluster.programs import tool_choice

NODES = ("control-plane", "worker", "worker2")
READY_TIMEOUT = "120s"
RECOVERY_SECONDS = 120
STEADY_SECONDS = 10


@dataclass(frozen=True)
class KindCluster:
    """A cluster: its name, what kind calls its nodes, and its files."""

    name: str
    nodes: tuple[str, ...]
    kubeconfig: Path
    config: Path


MAIN = KindCluster(CLUSTER_NAME, NODES, KUBECONFIG, host_ports.CONFIG)
"""The cluster of `make up`."""

SCALE = KindCluster(
    f"{CLUSTER_NAME}-scale", NODES[:1], STATE / "kubeconfig-scale", CLUSTER / "kind-scale.yaml"
)
"""The cluster of `make scale-test`, which that command also removes."""


def node_names(cluster: KindCluster = MAIN) -> list[str]:
    """Return the names of the node containers, which are also the names of the nodes."""
    return [f"{cluster.name}-{node}" for node in cluster.nodes]


def node_states(cluster: KindCluster = MAIN) -> dict[str, str]:
    """Return node container → state (`running`, `exited`, …), for the containers that exist."""
    listed = output([
        "docker", "ps", "--all", "--filter", f"label=io.x-k8s.kind.cluster={cluster.name}",
        "--format", "{{.Names}} {{.State}}",
    ])  # fmt: skip
    return dict(line.split() for line in (listed or "").splitlines())


def kubectl(*arguments: str, timeout_seconds: float = 30) -> str | None:
    """Return the output of kubectl on the cluster; None if kubectl fails."""
    return output([*kubectl_command(), *arguments], timeout_seconds=timeout_seconds)


def kubectl_command(cluster: KindCluster = MAIN) -> list[str]:
    """Return kubectl with the options that select the cluster."""
    return [tool_choice.path("kubectl"), f"--kubeconfig={cluster.kubeconfig}"]


def is_healthy() -> bool:
    """Whether every node container runs, the API server is ready, and every node since its start.

    After a restart, Kubernetes shows the nodes as they were before: ready, with old addresses. And
    the API server answers before it is ready, but ends a minute later if a start hook of it fails.
    """
    if not _do_nodes_run() or not KUBECONFIG.exists() or not is_api_server_ready():
        return False
    listed = kubectl("get", "nodes", "--output=json", "--request-timeout=10s")
    nodes = json.loads(listed)["items"] if listed else []
    containers = _containers()
    return sorted(node["metadata"]["name"] for node in nodes) == sorted(containers) and all(
        is_ready(node, *containers[node["metadata"]["name"]]) for node in nodes
    )


def is_api_server_ready() -> bool:
    """Whether the API server says that it is ready."""
    return kubectl("get", "--raw=/readyz", "--request-timeout=10s") == "ok"


def _do_nodes_run() -> bool:
    states = node_states()
    return sorted(states) == sorted(node_names()) and set(states.values()) == {"running"}


def _containers() -> dict[str, tuple[list[str], str]]:
    """Return node container → (addresses, time of its start in UTC), for those that exist."""
    addresses = "{{range .NetworkSettings.Networks}}{{.IPAddress}},{{end}}"
    form = f"{{{{.Name}}}} {addresses} {{{{.State.StartedAt}}}}"
    inspected = output(["docker", "container", "inspect", "--format", form, *node_names()])
    rows = [line.split() for line in (inspected or "").splitlines()]
    return {name.removeprefix("/"): (found.split(","), start) for name, found, start in rows}


def is_ready(node: dict, addresses: list[str], start: str) -> bool:  # type: ignore[type-arg]
    """Whether a node has reported ready, with an address of its container, since `start`."""
    status = node["status"]
    seconds = len("2026-01-31T12:00:00")  # Docker adds a fraction, Kubernetes does not
    internal = {a["address"] for a in status["addresses"] if a["type"] == "InternalIP"}
    return not internal.isdisjoint(addresses) and any(
        condition["type"] == "Ready"
        and condition["status"] == "True"
        and condition["lastHeartbeatTime"][:seconds] >= start[:seconds]
        for condition in status["conditions"]
    )


def gets_healthy() -> bool:
    """Whether the cluster is healthy, or gets so: Docker may just have restarted its nodes.

    Exports the kubeconfig first. It may be missing or belong to an earlier cluster.
    """
    if not _do_nodes_run():
        return False
    if is_healthy():
        return True
    _export_kubeconfig()
    print("waiting for the existing cluster to get ready …", flush=True)
    return gets_steady()


def gets_steady() -> bool:
    """Wait until the nodes were ready for STEADY_SECONDS, or for RECOVERY_SECONDS in all.

    Return whether they are ready then.
    """
    deadline = time.monotonic() + RECOVERY_SECONDS
    steady_since = None
    while time.monotonic() < deadline:
        if not is_healthy():
            steady_since = None
        elif steady_since is None:
            steady_since = time.monotonic()
        elif time.monotonic() - steady_since >= STEADY_SECONDS:
            return True
        time.sleep(1)
    return steady_since is not None


def _export_kubeconfig() -> None:
    run_logged(
        "export kubeconfig",
        [tool_choice.path("kind"), "export", "kubeconfig", f"--name={CLUSTER_NAME}",
         f"--kubeconfig={KUBECONFIG}"],
    )  # fmt: skip


def create(image: str | None, *, offline_network: str | None, cluster: KindCluster = MAIN) -> None:
    """Start the cluster and wait until its nodes are ready.

    `image` is the node image, kind's default if None. `offline_network` is the Docker network of
    an offline cluster; None online, for kind's own network.
    """
    is_offline = offline_network is not None
    run_logged(
        "start the cluster",
        [
            tool_choice.path("kind"), "create", "cluster", f"--name={cluster.name}",
            f"--config={_write_config(cluster.config, is_offline=is_offline)}",
            f"--kubeconfig={cluster.kubeconfig}",
            *([f"--image={image}"] if image else []),
        ],
        env={"KIND_EXPERIMENTAL_DOCKER_NETWORK": offline_network} if offline_network else {},
    )  # fmt: skip
    run_logged(
        "wait for the nodes",
        [
            *kubectl_command(cluster), "wait", "node", "--all",
            "--for=condition=Ready", f"--timeout={READY_TIMEOUT}",
        ],
    )  # fmt: skip


def _write_config(config: Path, *, is_offline: bool) -> Path:
    """Write kind's configuration to the state directory, with an addition for some hosts."""
    text = config.read_text()
    if is_offline and not capabilities.can_lower_oom_score():
        text += (
            "containerdConfigPatches:\n"
            "  - |\n"
            '    [plugins."io.containerd.grpc.v1.cri"]\n'
            "      restrict_oom_score_adj = true\n"
        )
    written = STATE / config.name
    written.write_text(text)
    return written


def delete(cluster: KindCluster = MAIN) -> None:
    """Remove the cluster's containers. Uses docker, because kind may be missing."""
    states = node_states(cluster)
    if states:
        require_own_cluster(cluster)
        run_logged("remove the cluster", ["docker", "rm", "--force", "--volumes", *states])
    cluster.kubeconfig.unlink(missing_ok=True)


def require_own_cluster(cluster: KindCluster = MAIN) -> None:
    """Raise ClusterError if a cluster of the same name exists that was not created here.

    A cluster that was not created here does not have the ports of its configuration.
    """
    control_plane = node_names(cluster)[0]
    ports = host_ports.ports(cluster.config)
    if not ports or control_plane not in node_states(cluster):
        return
    form = "{{json .HostConfig.PortBindings}}"
    bound = output(["docker", "container", "inspect", "--format", form, control_plane])
    if bound is not None and f'"{ports[0]}"' not in bound:
        raise ClusterError(
            f"A kind cluster named {cluster.name} exists that was not created by `make up`: "
            f"remove it with `kind delete cluster --name {cluster.name}` if nobody needs it."
        )


def load_image(image: str, nodes: Sequence[str] = (), cluster: KindCluster = MAIN) -> None:
    """Copy an image from Docker to these nodes, or to every node."""
    targets = nodes or node_names(cluster)
    run_logged(
        "load image",
        [
            tool_choice.path("kind"), "load", "docker-image", image, f"--name={cluster.name}",
            f"--nodes={','.join(targets)}",
        ],
    )  # fmt: skip
    for node in targets:
        _ctr(node, "images", "label", image, _id_label(image))


def holds_image(image: str, nodes: Sequence[str] = ()) -> bool:
    """Whether these nodes, or every node, have the image that Docker has under this name now."""
    label = _id_label(image)
    return all(
        label in (_ctr(node, "images", "list", f"name=={image}") or "")
        for node in nodes or node_names()
    )


def _id_label(image: str) -> str:
    """Return the label that a loaded image gets: Docker's id, as a node gives it another id.

    Raises ClusterError if Docker does not have the image.
    """
    identity = image_builder.image_id(image)
    if identity is None:
        raise ClusterError(f"Docker has no image {image} to load: build it with `make up`.")
    return f"uvicorn-pod.id={identity}"


def _ctr(node: str, *arguments: str) -> str | None:
    return output(["docker", "exec", node, "ctr", "--namespace=k8s.io", *arguments])
