"""`python3 -m cluster up`: whatever is missing for the cluster to run, and nothing else."""

from . import containment, engine, kind, metrics_server, mode, tools
from .offline import images, programs
from .plan import Step, perform


def up() -> None:
    """Have or make the cluster, with metrics-server.

    Raises ClusterError with one sentence where that cannot be done; running it again goes on
    where it stopped.
    """
    perform(engine.steps())
    is_offline = mode.is_offline()
    if tools.are_there() and kind.is_healthy():
        perform([*_containment(is_offline=is_offline), _metrics_server()])
        return
    if not kind.node_states():
        kind.refuse_taken_ports()
    steps = tools.steps(is_offline=is_offline)
    if is_offline:
        programs.refuse_where_hopeless(programs.CLIENTS | programs.SERVERS)
        steps += [*programs.steps(programs.SERVERS), *images.steps()]
    steps.append(
        Step(
            "start the cluster",
            kind.is_healthy,
            lambda: kind.create(images.node_image() if is_offline else None),
        )
    )
    perform([*steps, _metrics_server()])


def _containment(*, is_offline: bool) -> list[Step]:
    """The host's rule is gone after a restart of the host, while the cluster may still be there."""
    if not is_offline:
        return []
    return [Step("contain the node network", containment.is_contained, containment.contain_network)]


def _metrics_server() -> Step:
    return Step("install metrics-server", metrics_server.is_installed, metrics_server.install)
