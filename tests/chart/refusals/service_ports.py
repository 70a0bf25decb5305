"""Mistakes in the load balancer and the extra ports of the Service."""

from typing import Any

from tests.chart.refusals.refusal import UVICORN_POD, Refusal

CLUSTER_IP: dict[str, Any] = {
    "service.type": "ClusterIP",
    "service.nodePort": 0,
    "service.externalTrafficPolicy": "",
}
GRPC: dict[str, Any] = {"name": "grpc", "port": 50051, "targetPort": 50051}


def extra(**changes: object) -> dict[str, Any]:
    """An extra port with these changes, next to ports that it does not meet by chance."""
    ports = {"service.port": 80, "management.port": 9000, "uvicorn.port": 8000}
    return ports | {"service.extraPorts": [GRPC | changes]}


REFUSALS = [
    Refusal(
        "a class of load balancer without a load balancer",
        CLUSTER_IP | {"service.loadBalancerClass": "x/y"},
        "service.loadBalancerClass has no effect with service.type ClusterIP",
        "set service.type to LoadBalancer",
    ),
    Refusal(
        "source ranges of a load balancer without a load balancer",
        {"service.type": "NodePort", "service.headless": False}
        | {"service.loadBalancerSourceRanges": ["10.0.0.0/8"]},
        "service.loadBalancerSourceRanges has no effect with service.type NodePort",
        "or remove service.loadBalancerSourceRanges",
    ),
    *(
        Refusal(
            f"an extra port called {name}",
            extra(name=name),
            f"service.extraPorts[0].name ({name}) is the name of another port",
            "choose another",
        )
        for name in ("http", "management")
    ),
    Refusal(
        "two extra ports with one name",
        extra() | {"service.extraPorts": [GRPC, GRPC | {"port": 1}]},
        "service.extraPorts[1].name (grpc) is the name of another port",
    ),
    Refusal(
        "an extra port with the number of the Service's port",
        extra(port=80),
        "service.extraPorts[0].port (80) is already a port of the Service",
        "choose another",
    ),
    Refusal(
        "a node port of an extra port without a Service of that type",
        CLUSTER_IP | extra(nodePort=30051),
        "service.extraPorts[0].nodePort (30051) has no effect",
        "set service.type to NodePort",
    ),
    *(
        Refusal(
            f"an extra port to the management port, {target}",
            UVICORN_POD | extra(targetPort=target),
            f"service.extraPorts[0].targetPort ({target}) is the management port",
            "turn on metrics.service.enabled",
        )
        for target in (9000, "management")
    ),
    Refusal(
        "an extra port to a port that no sidecar has",
        extra(targetPort="proxy") | {"sidecars": [{"name": "a", "image": "x"}]},
        "service.extraPorts[0].targetPort (proxy) is not the name of a sidecar's port",
        "use a number",
    ),
]
