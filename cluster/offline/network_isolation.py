"""Keep the nodes' traffic inside their network. Offline, nothing outside could answer it."""

import json

from cluster.common.errors import ClusterError
from cluster.common.process import output, run_logged

NETWORK = "uvicorn"
"""Not kind's default network: the rule must not affect other kind clusters on this host."""

IPTABLES = ("iptables", "--wait")


def isolate_network() -> None:
    """Create the node network if needed, and reject packets that its nodes send out of it.

    Replies to connections from outside, for example to the ports on loopback, still pass.
    """
    if _bridge() is None:
        run_logged("create the node network", ["docker", "network", "create", NETWORK])
    if not is_isolated():
        run_logged("isolate the node network", [*IPTABLES, "--insert", *_rule()])


def is_isolated() -> bool:
    """Whether the host rejects packets that the nodes send out of their network."""
    return _bridge() is not None and output([*IPTABLES, "--check", *_rule()]) is not None


def remove_network() -> None:
    """Remove the rule and the network, if they exist."""
    if is_isolated():
        run_logged("remove the node network's rule", [*IPTABLES, "--delete", *_rule()])
    if _bridge() is not None:
        run_logged("remove the node network", ["docker", "network", "rm", NETWORK])


def _rule() -> list[str]:
    bridge = _bridge()
    if bridge is None:
        raise ClusterError(f"Docker does not know the network {NETWORK!r}: restart Docker.")
    return [
        "DOCKER-USER", "--in-interface", bridge, "!", "--out-interface", bridge,
        "--match", "conntrack", "!", "--ctstate", "ESTABLISHED,RELATED", "--jump", "REJECT",
    ]  # fmt: skip


def _bridge() -> str | None:
    """Return the host's interface to the node network; None if the network does not exist."""
    inspected = output(["docker", "network", "inspect", NETWORK])
    if inspected is None:
        return None
    network = json.loads(inspected)[0]
    named = (network["Options"] or {}).get("com.docker.network.bridge.name")
    return str(named or f"br-{network['Id'][:12]}")
