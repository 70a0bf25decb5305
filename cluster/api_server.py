"""Steps through the API server, which can answer after a restart of the host and then stop again.

Its first start can fail a minute later, for example while the disk is slow; the kubelet then
starts it once more. A step that it interrupts is repeated.
"""

from collections.abc import Sequence
from dataclasses import replace

from cluster import kind
from cluster.common.errors import ClusterError
from cluster.common.process import output
from cluster.common.steps import Step


def repeated_after_restarts(steps: Sequence[Step]) -> list[Step]:
    """Return the steps, each of which runs a second time if the API server stops meanwhile."""
    return [_repeated(step) for step in steps]


def _repeated(step: Step) -> Step:
    def run() -> None:
        before = _process()
        try:
            step.run()
        except ClusterError as error:
            if _process() == before and kind.is_api_server_ready():
                raise
            first_line = str(error).partition("\n")[0]
            print(f"  the API server stopped: {step.title} again once it is back ({first_line})")
            kind.gets_steady()
            step.run()

    return replace(step, run=run)


def _process() -> str | None:
    """Return the number of the API server's process on its node."""
    return output(["docker", "exec", kind.node_names()[0], "pidof", "kube-apiserver"])
