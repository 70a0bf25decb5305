"""Extra ports of the Service, and the options of its load balancer."""

from typing import Any

from tests.chart.manifests import FULL_NAME, app_of, one, render

GRPC = {"name": "grpc", "port": 50051, "targetPort": 50051, "appProtocol": "kubernetes.io/h2c"}
PROXY = {"name": "proxy", "port": 443, "targetPort": "https"}
SIDECAR = {"name": "proxy", "image": "x", "ports": [{"name": "https", "containerPort": 8443}]}
DNS = {"name": "dns", "port": 53, "targetPort": 5353, "protocol": "UDP"}


def with_ports(*ports: dict[str, Any], **more: object) -> dict[str, Any]:
    return {"service": {"extraPorts": list(ports)}, "sidecars": [SIDECAR]} | more


def test_extra_ports_follow_the_apps_port_in_the_service() -> None:
    found = one(render(with_ports(GRPC, PROXY, DNS)), "Service")["spec"]["ports"]
    wanted = [GRPC | {"protocol": "TCP"}, PROXY | {"protocol": "TCP"}, DNS]
    assert found[0]["name"] == "http", f"Service/{FULL_NAME}: the first port is {found[0]}"
    assert found[1:] == wanted, f"Service/{FULL_NAME}: {found[1:]}, wanted {wanted}"


def test_container_names_the_extra_ports_that_it_serves() -> None:
    """Not the port of a sidecar, and no port twice."""
    to_app = {"name": "plain", "port": 8080, "targetPort": 8000}
    ports = app_of(render(with_ports(GRPC, PROXY, to_app, GRPC | {"name": "b", "port": 1})))
    found = [(port["name"], port["containerPort"]) for port in ports["ports"]]
    wanted = [("http", 8000), ("management", 9000), ("grpc", 50051)]
    assert found == wanted, f"Deployment/{FULL_NAME}: ports {found}, wanted {wanted}"


def test_network_policy_opens_the_extra_ports() -> None:
    values = with_ports(GRPC, PROXY, DNS, networkPolicy={"enabled": True})
    rules = one(render(values), "NetworkPolicy")["spec"]["ingress"]
    wanted = [
        {"port": "http"},
        {"port": 50051, "protocol": "TCP"},
        {"port": "https", "protocol": "TCP"},
        {"port": 5353, "protocol": "UDP"},
    ]
    assert [rule["ports"] for rule in rules] == [wanted], f"NetworkPolicy/{FULL_NAME}: {rules}"


def test_load_balancer_options_come_from_the_values() -> None:
    values = {"loadBalancerClass": "x/y", "loadBalancerSourceRanges": ["10.0.0.0/8"]}
    spec = one(render({"service": values | {"type": "LoadBalancer"}}), "Service")["spec"]
    assert values.items() <= spec.items(), f"Service/{FULL_NAME}: {spec}, wanted {values}"


def test_node_port_of_an_extra_port_comes_from_the_values() -> None:
    values = {"type": "NodePort", "extraPorts": [GRPC | {"nodePort": 30051}]}
    found = one(render({"service": values}), "Service")["spec"]["ports"][1]["nodePort"]
    assert found == 30051, f"Service/{FULL_NAME}: node port {found}, wanted 30051"
