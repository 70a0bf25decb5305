"""On the offline path nothing leaves the node network: there is no one to answer out there."""

import json

from . import kind
from .errors import ClusterError
from .process import output, run_logged

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


def are_routes_set() -> bool:
    """Whether each node knows the way to the others' pods."""
    routes = _routes()
    if not routes:
        return False
    known = {node: output(["docker", "exec", node, "ip", "route"]) or "" for node, _, _ in routes}
    return all(f"{pods} via {address}" in known[node] for node, pods, address in routes)


def set_routes() -> None:
    """Tell each node the way to the others' pods; a node forgets it when it is started again."""
    routes = _routes()
    if not routes:
        raise ClusterError("The nodes have no pod networks yet: run this again in a moment.")
    for node, pods, address in routes:
        run_logged(
            f"route {node} to {pods}",
            ["docker", "exec", node, "ip", "route", "replace", pods, "via", address],
        )


def _routes() -> list[tuple[str, str, str]]:
    """(node, another node's pods, its address) for each pair; empty where one is unknown."""
    listed = kind.kubectl("get", "nodes", "--output=json")
    nodes = json.loads(listed)["items"] if listed else []
    places = {
        node["metadata"]["name"]: (node["spec"].get("podCIDR"), address["address"])
        for node in nodes
        for address in node["status"].get("addresses", [])
        if address["type"] == "InternalIP"
    }
    if len(places) != len(kind.NODES) or not all(pods for pods, _ in places.values()):
        return []
    return [
        (node, pods, address)
        for node in places
        for other, (pods, address) in places.items()
        if other != node
    ]
