"""The simulated nodes: 34 in each of three zones, of two sizes, as clusters grow them."""

import json
from collections.abc import Mapping

ZONES = ("zone-a", "zone-b", "zone-c")
NODES_PER_ZONE = 34
"""The zones are of equal size: 1,000 pods on 34, 33 and 33 nodes cannot have a skew of 1 over both
nodes and zones, because 330 pods fill 33 nodes with 10 pods each."""
CORES = (8, 16)
"""Sizes that alternate within a zone. Without spread constraints, larger nodes get more pods."""
LABEL = {"uvicorn-pod/simulated": "true"}
SELECTOR = "--selector=" + ",".join(f"{name}={value}" for name, value in LABEL.items())
LOAD = "uvicorn-pod/load"
"""Annotation: the CPU that each pod on the node burns; see kwok-config.yaml."""

ZONE_OF: Mapping[str, str] = {
    f"{zone}-{number:02}": zone for zone in ZONES for number in range(NODES_PER_ZONE)
}
"""Node → zone."""


def nodes_in(zone: str) -> list[str]:
    """Returns the names of a zone's nodes."""
    return [node for node, its_zone in ZONE_OF.items() if its_zone == zone]


def manifests() -> str:
    """Returns all nodes as one JSON list for kubectl."""
    items = [_node(name, number) for number, name in enumerate(ZONE_OF)]
    return json.dumps({"apiVersion": "v1", "kind": "List", "items": items})


def _node(name: str, number: int) -> dict[str, object]:
    cores = str(CORES[number % len(CORES)])
    size = {"cpu": cores, "memory": "64Gi", "ephemeral-storage": "500Gi", "pods": "110"}
    return {
        "apiVersion": "v1",
        "kind": "Node",
        "metadata": {
            "name": name,
            "labels": {
                **LABEL,
                "kubernetes.io/hostname": name,
                "kubernetes.io/os": "linux",
                "topology.kubernetes.io/zone": ZONE_OF[name],
            },
            "annotations": {
                "kwok.x-k8s.io/node": "fake",
                "metrics.k8s.io/resource-metrics-path": f"/metrics/nodes/{name}/metrics/resource",
            },
        },
        "status": {"allocatable": size, "capacity": size},
    }
