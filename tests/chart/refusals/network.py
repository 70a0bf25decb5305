"""Mistakes in the Service, the routes to it and the network policy."""

from typing import Any

from tests.chart.refusals.refusal import UVICORN, UVICORN_POD, Refusal

CLUSTER_IP: dict[str, Any] = {
    "service.type": "ClusterIP",
    "service.nodePort": 0,
    "service.externalTrafficPolicy": "",
}
POLICY_OFF: dict[str, Any] = {
    "networkPolicy.enabled": False,
    "networkPolicy.restrictEgress": False,
}

REFUSALS = [
    Refusal(
        "a node port without a Service of that type",
        CLUSTER_IP | {"service.nodePort": 30080},
        "service.nodePort (30080) has no effect",
        "set service.type to NodePort",
    ),
    Refusal(
        "an external traffic policy without an external Service",
        CLUSTER_IP | {"service.externalTrafficPolicy": "Local"},
        "service.externalTrafficPolicy (Local) has no effect",
        'set it to ""',
    ),
    Refusal(
        "a headless Service of a type that needs a cluster IP",
        {"service.type": "LoadBalancer", "service.headless": True},
        "service.headless is true, but service.type LoadBalancer",
    ),
    Refusal(
        "two families with the default policy",
        {"service.ipFamilies": ["IPv6", "IPv4"], "service.ipFamilyPolicy": ""},
        "service.ipFamilies names two families",
        "PreferDualStack or RequireDualStack",
    ),
    Refusal(
        "an ingress without a host",
        {"ingress.enabled": True, "ingress.hosts": []},
        "ingress.hosts is empty",
        "set ingress.enabled to false",
    ),
    Refusal(
        "a route without a gateway",
        {"httpRoute.enabled": True, "httpRoute.parentRefs": []},
        "httpRoute.parentRefs is empty",
        "set httpRoute.enabled to false",
    ),
    Refusal(
        "peers of a network policy that is off",
        POLICY_OFF | {"networkPolicy.from": [{"podSelector": {}}]},
        "networkPolicy.from would be ignored",
        "set it to true",
    ),
    Refusal(
        "monitoring peers of a network policy that is off",
        UVICORN_POD | POLICY_OFF | {"networkPolicy.monitoring": [{}]},
        "networkPolicy.monitoring would be ignored, because networkPolicy.enabled is false",
    ),
    Refusal(
        "egress restricted by a network policy that is off",
        POLICY_OFF | {"networkPolicy.restrictEgress": True},
        "networkPolicy.restrictEgress would be ignored",
        "set it to true",
    ),
    Refusal(
        "egress rules while every connection is allowed",
        {"networkPolicy.enabled": True, "networkPolicy.restrictEgress": False}
        | {"networkPolicy.egress": [{"ports": [{"port": 5432}]}]},
        "networkPolicy.egress would be ignored",
        "set it to true",
    ),
    Refusal(
        "monitoring peers without a management port",
        UVICORN | {"networkPolicy.enabled": True, "networkPolicy.monitoring": [{}]},
        "networkPolicy.monitoring would be ignored, because runtime uvicorn",
        "choose runtime uvicorn-pod",
    ),
]
