"""On the offline path nothing leaves the node network: there is no one to answer out there."""

import json

from cluster.common.errors import ClusterError
from cluster.common.process import output, run_logged

NETWORK = "uvicorn"
"""Not kind's own: the rule is for our nodes, not for somebody's other kind clusters."""

IPTABLES = ("iptables", "--wait")


def contain_network() -> None:
    """Make the node network if need be, and reject what its nodes send out of it.

    Replies to connections made from outside (the ports on loopback) still pass.
    """
    if _bridge() is None:
        run_logged("make the node network", ["docker", "network", "create", NETWORK])
    if not is_contained():
        run_logged("contain the node network", [*IPTABLES, "--insert", *_rule()])


def is_contained() -> bool:
    """Whether the host rejects what the nodes send out of their network."""
    return _bridge() is not None and output([*IPTABLES, "--check", *_rule()]) is not None


def remove_network() -> None:
    """Take back the rule and the network, where they are there."""
    if is_contained():
        run_logged("release the node network", [*IPTABLES, "--delete", *_rule()])
    if _bridge() is not None:
        run_logged("remove the node network", ["docker", "network", "rm", NETWORK])


def _rule() -> list[str]:
    bridge = _bridge()
    if bridge is None:
        raise ClusterError(f"The engine does not know its network {NETWORK!r}: restart it.")
    return [
        "DOCKER-USER", "--in-interface", bridge, "!", "--out-interface", bridge,
        "--match", "conntrack", "!", "--ctstate", "ESTABLISHED,RELATED", "--jump", "REJECT",
    ]  # fmt: skip


def _bridge() -> str | None:
    """The host's interface to the node network; None where there is no such network."""
    inspected = output(["docker", "network", "inspect", NETWORK])
    if inspected is None:
        return None
    network = json.loads(inspected)[0]
    named = (network["Options"] or {}).get("com.docker.network.bridge.name")
    return str(named or f"br-{network['Id'][:12]}")
