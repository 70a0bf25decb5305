"""Create what is missing of the cluster, with metrics-server but without the release."""

from cluster import (
    api_server,
    host_ports,
    kind,
    kubernetes_version,
    metrics_server,
    online_or_offline,
    remove,
)
from cluster.common.errors import ClusterError
from cluster.common.steps import Step, perform
from cluster.engine import docker, image_builder
from cluster.offline import network_isolation, node_image, pod_routes
from cluster.programs import kubernetes_programs, tool_choice


def create() -> None:
    """Create what is missing of the cluster, metrics-server included.

    Running it again continues where it stopped. Raises ClusterError as early as possible if the
    cluster cannot be created.
    """
    perform(docker.steps())
    image_builder.build_command()
    kind.require_own_cluster()
    is_offline = online_or_offline.is_offline()
    kubernetes_version.require_requested_version(
        is_offline=is_offline, running=online_or_offline.running_node_image()
    )
    if not kind.node_states():
        host_ports.require_free_ports()
    if is_offline and online_or_offline.running_node_image() is None:
        _require_offline_build()
    tools = kubernetes_programs.CLIENTS if is_offline else tool_choice.FOR_THE_CLUSTER
    if not tool_choice.are_linked(tools):
        perform(tool_choice.steps(tools, is_offline=is_offline))
    if kind.gets_healthy():
        _report_outdated_node_image()
    else:
        docker.require_disk_space()
        perform(_steps_to_a_cluster(is_offline=is_offline))
    perform(api_server.repeated_after_restarts(_steps_in_the_cluster(is_offline=is_offline)))


def _require_offline_build() -> None:
    """Raise ClusterError if this host cannot build the images from packages.

    iptables needs root, and the base image needs Debian's tools.
    """
    if not (docker.is_debian() and docker.is_root()):
        raise ClusterError(
            "Building the images without an image registry needs Debian and root: "
            "run this as root on Debian, or make a registry reachable and set OFFLINE=0."
        )
    if not node_image.is_built():
        kubernetes_programs.require_go_and_disk_space(kubernetes_programs.MODULE.programs)


def _steps_to_a_cluster(*, is_offline: bool) -> list[Step]:
    start = Step(
        "start the cluster", kind.is_healthy, lambda: _start_cluster(is_offline=is_offline)
    )
    if not is_offline:
        return [start]
    compiling = kubernetes_programs.MODULE.steps(kubernetes_programs.SERVERS)
    return [*compiling, *node_image.steps(), start]


def _start_cluster(*, is_offline: bool) -> None:
    """Replace a cluster that does not work, for example because its engine was killed."""
    if kind.node_states():
        states = ", ".join(f"{name} {state}" for name, state in kind.node_states().items())
        print(f"  the existing cluster does not work ({states}): removing it")
        remove.remove_cluster()
    host_ports.require_free_ports()
    if is_offline:
        network_isolation.isolate_network()
        kind.create(node_image.name(), offline_network=network_isolation.NETWORK)
    else:
        kind.create(kubernetes_version.requested_image(), offline_network=None)


def _steps_in_the_cluster(*, is_offline: bool) -> list[Step]:
    """Return the steps for a running cluster. A restarted host or node undoes some of them."""
    isolate = Step(
        "isolate the node network",
        network_isolation.is_isolated,
        network_isolation.isolate_network,
    )
    route = Step("set routes between the nodes", pod_routes.are_routes_set, pod_routes.set_routes)
    metrics = Step("install metrics-server", metrics_server.is_installed, metrics_server.install)
    return [*([isolate, route] if is_offline else []), metrics]


def _report_outdated_node_image() -> None:
    running = online_or_offline.running_node_image() or ""
    is_built_here = running.startswith(f"{node_image.REPOSITORY}:")
    if is_built_here and running != node_image.name():
        print(f"The cluster runs {running}, but this checkout builds {node_image.name()}:")
        print("  `make down`, then `make up` replaces it.", flush=True)
