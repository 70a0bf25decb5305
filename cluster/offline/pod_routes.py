"""Routes between the nodes' pod networks, because the offline network plugin sets none."""

import json

from cluster import kind
from cluster.common.errors import ClusterError
from cluster.common.process import output, run_logged


def are_routes_set() -> bool:
    """Whether each node has a route to the pods of every other node."""
    routes = _routes()
    if not routes:
        return False
    known = {node: output(["docker", "exec", node, "ip", "route"]) or "" for node, _, _ in routes}
    return all(f"{pods} via {address}" in known[node] for node, pods, address in routes)


def set_routes() -> None:
    """Give each node a route to the pods of every other node. A restarted node loses its routes."""
    routes = _routes()
    if not routes:
        raise ClusterError(
            "Kubernetes has not assigned a pod network and an address to every node yet: "
            "run `make up` again in a moment."
        )
    for node, pods, address in routes:
        run_logged(
            f"route {node} to {pods}",
            ["docker", "exec", node, "ip", "route", "replace", pods, "via", address],
        )


def _routes() -> list[tuple[str, str, str]]:
    """Return (node, another node's pod network, its address) for each pair of nodes.

    Empty if one of them is not known yet.
    """
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
