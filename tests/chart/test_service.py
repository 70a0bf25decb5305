"""Service: only the app's port."""

from pathlib import Path

import pytest

from tests.chart.manifests import FULL_NAME, of_kind, one, render


def test_service_has_the_app_port_only(value_set: Path) -> None:
    service = one(render(files=(value_set,)), "Service")["spec"]
    wanted = [
        {
            "name": "http",
            "port": 80,
            "targetPort": "http",
            "protocol": "TCP",
            "appProtocol": "http",
        }
    ]
    assert service["ports"] == wanted, f"Service: ports {service['ports']}, wanted {wanted}"
    assert service["type"] == "ClusterIP", f"Service: type {service['type']}, wanted ClusterIP"


def test_service_selects_the_pods_of_the_deployment(value_set: Path) -> None:
    manifests = render(files=(value_set,))
    selector = one(manifests, "Service")["spec"]["selector"]
    labels = one(manifests, "Deployment")["spec"]["template"]["metadata"]["labels"]
    assert selector.items() <= labels.items(), f"Service: {selector}, pods have {labels}"


@pytest.mark.parametrize("kind", ["NodePort", "LoadBalancer"])
def test_service_type_and_ports_come_from_the_values(kind: str) -> None:
    values = {"service": {"type": kind, "port": 8081, "nodePort": 30099}}
    spec = one(render(values), "Service")["spec"]
    found = spec["type"], spec["ports"][0]["port"], spec["ports"][0]["nodePort"]
    wanted = kind, 8081, 30099
    assert found == wanted, f"Service/{FULL_NAME}: {found}, wanted {wanted}"


def test_service_annotations_come_from_the_values() -> None:
    annotations = {"example/sentinel": "yes"}
    service = one(render({"service": {"annotations": annotations}}), "Service")
    found = service["metadata"]["annotations"]
    assert found == annotations, f"Service/{FULL_NAME}: {found}, wanted {annotations}"


def test_headless_service_has_no_cluster_ip_and_its_test_uses_the_pods_port() -> None:
    manifests = render({"service": {"headless": True}, "uvicorn": {"port": 8123}})
    spec = one(manifests, "Service")["spec"]
    assert spec["clusterIP"] == "None", f"Service/{FULL_NAME}: {spec}"
    (pod,) = of_kind(manifests, "Pod")
    env = {entry["name"]: entry["value"] for entry in pod["spec"]["containers"][0]["env"]}
    assert env["SERVICE_PORT"] == "8123", f"Pod/{FULL_NAME}-test: uses port {env['SERVICE_PORT']}"


def test_ip_families_come_from_the_values() -> None:
    values = {"ipFamilies": ["IPv6", "IPv4"], "ipFamilyPolicy": "RequireDualStack"}
    spec = one(render({"service": values, "uvicorn": {"host": ""}}), "Service")["spec"]
    assert values.items() <= spec.items(), f"Service/{FULL_NAME}: {spec}, wanted {values}"
