"""Mistakes in the Service, the routes to it and the network policy."""

from typing import Any

from tests.chart.refusals.refusal import UVICORN, UVICORN_POD, Refusal

CLUSTER_IP: dict[str, Any] = {
    "service.type": "ClusterIP",
    "service.nodePort": 0,
    "service.externalTrafficPolicy": "",
}
POLICY: dict[str, Any] = {"networkPolicy.enabled": True}
NO_MONITORS: dict[str, Any] = {
    f"metrics.{part}.enabled": False for part in ("podMonitor", "serviceMonitor", "service")
}


def families(host: str, **service: Any) -> dict[str, Any]:
    dual = {"service.ipFamilies": [], "service.ipFamilyPolicy": ""}
    own = {f"service.{name}": value for name, value in service.items()}
    return UVICORN_POD | dual | own | {"uvicorn.host": host}


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
        families("", ipFamilies=["IPv6", "IPv4"]),
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
        "egress rules while every connection is allowed",
        POLICY
        | {"networkPolicy.restrictEgress": False}
        | {"networkPolicy.egress": [{"ports": [{"port": 5432}]}]},
        "networkPolicy.egress would be ignored",
        "set it to true",
    ),
    Refusal(
        "monitoring peers without a management port",
        UVICORN | POLICY | {"networkPolicy.monitoring": [{}]},
        "networkPolicy.monitoring would be ignored, because runtime uvicorn",
        "choose runtime uvicorn-pod",
    ),
    *(
        Refusal(
            f"a policy that blocks the scrapes of metrics.{part}",
            UVICORN_POD
            | POLICY
            | NO_MONITORS
            | {"networkPolicy.monitoring": [], f"metrics.{part}.enabled": True},
            "networkPolicy.monitoring is empty",
            f"set metrics.{part}.enabled to false",
        )
        for part in ("podMonitor", "serviceMonitor", "service")
    ),
    Refusal(
        "a dual-stack Service of an app on IPv4",
        families("0.0.0.0", ipFamilyPolicy="RequireDualStack"),  # noqa: S104 - the pod's
        "uvicorn.host (0.0.0.0) listens only on IPv4",
        'set uvicorn.host to ""',
    ),
    Refusal(
        "a dual-stack Service of an app on IPv6",
        families("::", ipFamilies=["IPv6", "IPv4"], ipFamilyPolicy="RequireDualStack"),
        "uvicorn.host (::) listens only on IPv6",
    ),
    Refusal(
        "an IPv6 Service of an app on IPv4",
        families("0.0.0.0", ipFamilies=["IPv6"]),  # noqa: S104 - the pod's
        "also sends requests to IPv6",
    ),
]
