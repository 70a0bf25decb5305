"""On the offline path nothing leaves the node network: there is no one to answer out there."""

import json

from . import kind
from .errors import ClusterError
from .process import output, run_logged

NETWORK = "kind"
IPTABLES = ("iptables", "--wait")


def contain_network() -> None:
    """Make kind's network if need be, and reject what its nodes send out of it.

    Replies to connections made from outside (the ports on loopback) still pass.
    """
    if _bridge() is None:
        run_logged("make the node network", ["docker", "network", "create", NETWORK])
    if not is_contained():
        run_logged("contain the node network", [*IPTABLES, "--insert", *_rule()])


def is_contained() -> bool:
    """Whether the host rejects what the nodes send out of their network."""
    return _bridge() is not None and output([*IPTABLES, "--check", *_rule()]) is not None


def release_network() -> None:
    """Take the rule back: where a registry is reachable it would break the nodes' pulls."""
    if is_contained():
        run_logged("release the node network", [*IPTABLES, "--delete", *_rule()])


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


def set_routes() -> None:
    """Tell each node the way to the others' pods."""
    listed = kind.kubectl("get", "nodes", "--output=json")
    if not listed:
        raise ClusterError("The new cluster does not list its nodes: run `make down`, then again.")
    nodes = json.loads(listed)["items"]
    for node in nodes:
        for other in nodes:
            if other is not node:
                _route(node["metadata"]["name"], other)


def _route(node: str, other: dict) -> None:  # type: ignore[type-arg]
    address = next(
        item["address"] for item in other["status"]["addresses"] if item["type"] == "InternalIP"
    )
    run_logged(
        f"route {node} to {other['metadata']['name']}",
        [
            "docker",
            "exec",
            node,
            "ip",
            "route",
            "replace",
            other["spec"]["podCIDR"],
            "via",
            address,
        ],
    )
