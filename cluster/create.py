"""The cluster alone: whatever is missing for the cluster to run, and nothing else."""

from cluster import kind, kubernetes_version, metrics_server, online_or_offline
from cluster.common.errors import ClusterError
from cluster.common.steps import Step, perform
from cluster.engine import docker, image_builder
from cluster.offline import kubernetes_programs, network_isolation, node_image, pod_routes
from cluster.tools import tool_choice


def create() -> None:
    """Have or make the cluster, with metrics-server.

    Raises ClusterError with one sentence where that cannot be done, as early as it can be known;
    running it again goes on where it stopped.
    """
    perform(docker.steps())
    image_builder.build_command()
    kind.refuse_foreign_cluster()
    is_offline = online_or_offline.is_offline()
    kubernetes_version.refuse_what_differs(
        is_offline=is_offline, running=online_or_offline.running_node_image()
    )
    if not kind.node_states():
        kind.refuse_taken_ports()
    if is_offline and online_or_offline.running_node_image() is None:
        _refuse_offline_where_hopeless()
    names = kubernetes_programs.CLIENTS if is_offline else tool_choice.FOR_THE_CLUSTER
    if not tool_choice.are_there(names):
        perform(tool_choice.steps(names, is_offline=is_offline))
    kind.recover()
    if kind.is_healthy():
        _say_if_outdated()
    else:
        docker.refuse_full_disk()
        perform(_steps_to_a_cluster(is_offline=is_offline))
    perform(_steps_within_the_cluster(is_offline=is_offline))


def _refuse_offline_where_hopeless() -> None:
    """The host's rule needs root in any case, the base image Debian's tools."""
    if not (docker.is_debian() and docker.is_root()):
        raise ClusterError(
            "Without an image registry the images are built from packages, which needs Debian "
            "and root: run this as root on Debian, or with OFFLINE=0 and a registry in reach."
        )
    if not node_image.is_node_built():
        kubernetes_programs.refuse_where_hopeless(
            kubernetes_programs.CLIENTS | kubernetes_programs.SERVERS
        )


def _steps_to_a_cluster(*, is_offline: bool) -> list[Step]:
    steps = (
        [*kubernetes_programs.steps(kubernetes_programs.SERVERS), *node_image.steps()]
        if is_offline
        else []
    )

    def start() -> None:
        image = node_image.node_image() if is_offline else kubernetes_version.asked()
        kind.create(image, is_offline=is_offline)

    return [*steps, Step("start the cluster", kind.is_healthy, start)]


def _steps_within_the_cluster(*, is_offline: bool) -> list[Step]:
    """What may be missing in a cluster that runs: a host or a node that restarts forgets some."""
    contain = Step(
        "contain the node network",
        network_isolation.is_contained,
        network_isolation.contain_network,
    )
    route = Step("route between the nodes", pod_routes.are_routes_set, pod_routes.set_routes)
    metrics = Step("install metrics-server", metrics_server.is_installed, metrics_server.install)
    return [*([contain, route] if is_offline else []), metrics]


def _say_if_outdated() -> None:
    made_from = online_or_offline.running_node_image() or ""
    if (
        made_from.startswith(online_or_offline.OFFLINE_NODE_IMAGES)
        and made_from != node_image.node_image()
    ):
        print(f"the cluster was made from {made_from}, and now it would be from another image: ")
        print("  `make down` and `make up` make it anew.", flush=True)
