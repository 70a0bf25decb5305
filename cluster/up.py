"""`python3 -m cluster up`: whatever is missing for the cluster to run, and nothing else."""

from . import builder, containment, engine, kind, metrics_server, mode, node_images, tools
from .errors import ClusterError
from .offline import images, programs
from .plan import Step, perform


def up() -> None:
    """Have or make the cluster, with metrics-server.

    Raises ClusterError with one sentence where that cannot be done, as early as it can be known;
    running it again goes on where it stopped.
    """
    mode.refuse_wrong_setting()
    node_images.refuse_wrong_setting()
    perform(engine.steps())
    builder.build_command()
    kind.refuse_foreign_cluster()
    is_offline = mode.is_offline()
    node_images.refuse_what_differs(is_offline=is_offline, running=mode.running_node_image())
    if not kind.node_states():
        kind.refuse_taken_ports()
    if is_offline and mode.running_node_image() is None:
        _refuse_offline_where_hopeless()
    names = programs.CLIENTS if is_offline else tools.FOR_THE_CLUSTER
    if not tools.are_there(names):
        perform(tools.steps(names, is_offline=is_offline))
    kind.recover()
    if kind.is_healthy():
        _say_if_outdated()
    else:
        engine.refuse_full_disk()
        perform(_steps_to_a_cluster(is_offline=is_offline))
    perform(_steps_within_the_cluster(is_offline=is_offline))


def _refuse_offline_where_hopeless() -> None:
    """The host's rule needs root in any case, the base image Debian's tools."""
    if not (engine.is_debian() and engine.is_root()):
        raise ClusterError(
            "Without an image registry the images are built from packages, which needs Debian "
            "and root: run this as root on Debian, or with OFFLINE=0 and a registry in reach."
        )
    if not images.is_node_built():
        programs.refuse_where_hopeless(programs.CLIENTS | programs.SERVERS)


def _steps_to_a_cluster(*, is_offline: bool) -> list[Step]:
    steps = [*programs.steps(programs.SERVERS), *images.steps()] if is_offline else []

    def start() -> None:
        image = images.node_image() if is_offline else node_images.asked()
        kind.create(image, is_offline=is_offline)

    return [*steps, Step("start the cluster", kind.is_healthy, start)]


def _steps_within_the_cluster(*, is_offline: bool) -> list[Step]:
    """What may be missing in a cluster that runs: a host or a node that restarts forgets some."""
    contain = Step(
        "contain the node network", containment.is_contained, containment.contain_network
    )
    route = Step("route between the nodes", containment.are_routes_set, containment.set_routes)
    metrics = Step("install metrics-server", metrics_server.is_installed, metrics_server.install)
    return [*([contain, route] if is_offline else []), metrics]


def _say_if_outdated() -> None:
    made_from = mode.running_node_image() or ""
    if made_from.startswith(mode.OFFLINE_NODE_IMAGES) and made_from != images.node_image():
        print(f"the cluster was made from {made_from}, and now it would be from another image: ")
        print("  `make down` and `make up` make it anew.", flush=True)
