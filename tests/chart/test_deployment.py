"""Deployment: names, selector, replicas, update strategy, command, ports and spread."""

import hashlib
import shutil
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.chart.manifests import FULL_NAME, Manifest, app_of, helm, one, pod_of, render, title
from tests.support.repository import CHART

SELECTOR = {"app.kubernetes.io/name": "uvicorn", "app.kubernetes.io/instance": "demo"}


def test_selector_is_name_and_instance_only(default_manifests: list[Manifest]) -> None:
    selector = one(default_manifests, "Deployment")["spec"]["selector"]["matchLabels"]
    assert selector == SELECTOR, f"Deployment/{FULL_NAME}: selector {selector}, wanted {SELECTOR}"


def test_pods_carry_the_selector_and_no_version_label(default_manifests: list[Manifest]) -> None:
    labels = pod_of(default_manifests)["metadata"]["labels"]
    assert labels == SELECTOR, f"Deployment/{FULL_NAME}: pod labels {labels}, wanted {SELECTOR}"


def hash_of(name: str) -> str:
    return hashlib.sha256(name.encode()).hexdigest()[:8]


@pytest.mark.parametrize(
    ("release", "values", "name"),
    [
        ("demo", {}, "demo-uvicorn"),
        ("uvicorn", {}, "uvicorn"),
        ("demo", {"nameOverride": "shop"}, "demo-shop"),
        ("demo", {"fullnameOverride": "shop"}, "shop"),
        ("r" * 50, {}, "r" * 50 + "-uvicorn"),
        ("r" * 53, {}, "r" * 49 + f"-{hash_of('r' * 53 + '-uvicorn')}"),
        ("my-uvicorn", {}, "my-uvicorn"),
        # Two subcharts of one release: only one of them may drop its own name.
        ("web-api", {"nameOverride": "api"}, "web-api"),
        ("web-api", {"nameOverride": "web"}, "web-api-web"),
    ],
)
def test_object_name_comes_from_release_and_chart(
    release: str, values: dict[str, Any], name: str
) -> None:
    found = one(render(values, release=release), "Deployment")["metadata"]["name"]
    assert found == name, f"Deployment/{found}: wanted {name}"


def test_two_subcharts_of_a_release_with_a_long_name_have_different_objects() -> None:
    names = [
        one(render({"nameOverride": f"api-{version}"}, release="r" * 53), kind)["metadata"]["name"]
        for version in ("v1", "v2")
        for kind in ("Deployment", "Service")
    ]
    assert len(set(names)) == 2, f"Deployments and Services of v1 and v2: {names}"
    assert all(len(name) <= 58 for name in names), f"no room for a suffix: {names}"


def test_spread_constraint_keeps_the_users_match_label_keys() -> None:
    entry = {"maxSkew": 1, "topologyKey": "x", "whenUnsatisfiable": "DoNotSchedule"}
    own = [entry | {"matchLabelKeys": ["team"]}]
    (found,) = pod_of(render({"topologySpreadConstraints": own}))["spec"][
        "topologySpreadConstraints"
    ]
    wanted = own[0] | {"labelSelector": {"matchLabels": SELECTOR}}
    assert found == wanted, f"Deployment/{FULL_NAME}: {found}, wanted {wanted}"


def test_chart_alias_becomes_a_valid_object_name(tmp_path: Path) -> None:
    copy = tmp_path / "chart"
    shutil.copytree(CHART, copy)
    meta = yaml.safe_load((copy / "Chart.yaml").read_text())
    (copy / "Chart.yaml").write_text(yaml.safe_dump(meta | {"name": "web_Api"}))
    found = one(list(yaml.safe_load_all(helm(["template", "demo", str(copy)], ""))), "Deployment")
    name = found["metadata"]["name"]
    assert name == "demo-web-api", f"Deployment/{name}: wanted demo-web-api"


def test_names_that_look_like_numbers_stay_strings() -> None:
    values = {"fullnameOverride": "true", "metrics": {"prometheusRule": {"enabled": True}}}
    manifests = render(values, release="123")
    for manifest in manifests:
        metadata = manifest["metadata"]
        found = metadata["name"], metadata["labels"]["app.kubernetes.io/instance"]
        assert found[0].startswith("true"), f"{title(manifest)}: named {found[0]!r}"
        assert found[1] == "123", f"{title(manifest)}: instance {found[1]!r}"
    for rule in one(manifests, "PrometheusRule")["spec"]["groups"][0]["rules"]:
        assert rule["labels"]["release"] == "123", f"{rule['alert']}: {rule['labels']}"


def test_replicas_are_absent_while_the_hpa_is_on(value_set: Path) -> None:
    manifests = render({"autoscaling": {"enabled": True}}, files=(value_set,))
    spec = one(manifests, "Deployment")["spec"]
    assert "replicas" not in spec, f"Deployment: replicas {spec['replicas']} next to an HPA"


@pytest.mark.parametrize("count", [0, 1, 7])
def test_replicas_are_the_count_when_the_hpa_is_off(count: int) -> None:
    manifests = render({"autoscaling": {"enabled": False}, "replicaCount": count})
    replicas = one(manifests, "Deployment")["spec"]["replicas"]
    assert replicas == count, f"Deployment/{FULL_NAME}: replicas {replicas}, wanted {count}"


def test_update_starts_a_new_pod_before_it_stops_an_old_one(
    default_manifests: list[Manifest],
) -> None:
    strategy = one(default_manifests, "Deployment")["spec"]["strategy"]
    wanted = {
        "type": "RollingUpdate",
        "rollingUpdate": {"maxSurge": "25%", "maxUnavailable": 0},
    }
    assert strategy == wanted, f"Deployment/{FULL_NAME}: strategy {strategy}, wanted {wanted}"


@pytest.mark.parametrize(
    ("runtime", "command"),
    [
        ("uvicorn-pod", (["uvicorn-pod"], ["shop.main:app"])),
        ("uvicorn", (["uvicorn"], ["shop.main:app"])),
        ("image", (None, None)),
    ],
)
def test_runtime_decides_the_command(
    runtime: str, command: tuple[list[str] | None, list[str] | None]
) -> None:
    path = "" if runtime == "uvicorn-pod" else "/"
    probes = {"startup": {"path": path}, "readiness": {"path": path}}
    app = app_of(render({"runtime": runtime, "app": "shop.main:app", "probes": probes}))
    found = (app.get("command"), app.get("args"))
    assert found == command, f"Deployment/{FULL_NAME}: command {found}, wanted {command}"


@pytest.mark.parametrize("runtime", ["uvicorn-pod", "uvicorn"])
def test_empty_host_is_an_argument(runtime: str) -> None:
    """The command ignores an empty variable and would listen on 127.0.0.1."""
    path = "" if runtime == "uvicorn-pod" else "/"
    probes = {"startup": {"path": path}, "readiness": {"path": path}}
    values = {"runtime": runtime, "uvicorn": {"host": ""}, "probes": probes}
    found = app_of(render(values))["args"]
    wanted = ["reference.main:app", "--host="]
    assert found == wanted, f"Deployment/{FULL_NAME}: args {found}, wanted {wanted}"


@pytest.mark.parametrize(
    ("runtime", "ports"),
    [("uvicorn-pod", {"http": 8123, "management": 9123}), ("uvicorn", {"http": 8123})],
)
def test_container_names_its_ports(runtime: str, ports: dict[str, int]) -> None:
    path = "" if runtime == "uvicorn-pod" else "/"
    values = {
        "runtime": runtime,
        "uvicorn": {"port": 8123},
        "management": {"port": 9123},
        "probes": {"startup": {"path": path}, "readiness": {"path": path}},
    }
    found = {port["name"]: port["containerPort"] for port in app_of(render(values))["ports"]}
    assert found == ports, f"Deployment/{FULL_NAME}: ports {found}, wanted {ports}"


def test_pod_annotations_and_labels_come_from_the_values() -> None:
    manifests = render({"podAnnotations": {"a": "annotated"}, "podLabels": {"l": "labelled"}})
    metadata = pod_of(manifests)["metadata"]
    assert metadata["annotations"]["a"] == "annotated", f"Deployment/{FULL_NAME}: {metadata}"
    assert metadata["labels"] == SELECTOR | {"l": "labelled"}, (
        f"Deployment/{FULL_NAME}: labels {metadata['labels']}"
    )


def test_pods_spread_over_nodes_without_blocking(value_set: Path) -> None:
    manifests = render(files=(value_set,))
    spread = pod_of(manifests)["spec"]["topologySpreadConstraints"]
    labels = one(manifests, "Deployment")["spec"]["selector"]["matchLabels"]
    wanted = [
        {
            "maxSkew": 1,
            "topologyKey": "kubernetes.io/hostname",
            "whenUnsatisfiable": "ScheduleAnyway",
            "labelSelector": {"matchLabels": labels},
            "matchLabelKeys": ["pod-template-hash"],
        }
    ]
    assert spread == wanted, f"Deployment/{FULL_NAME}: spread {spread}, wanted {wanted}"


def test_spread_constraint_keeps_the_users_selector() -> None:
    entry = {
        "maxSkew": 2,
        "topologyKey": "topology.kubernetes.io/zone",
        "whenUnsatisfiable": "DoNotSchedule",
        "labelSelector": {"matchLabels": {"tier": "web"}},
    }
    spread = pod_of(render({"topologySpreadConstraints": [entry]}))["spec"]
    found = spread["topologySpreadConstraints"]
    assert found == [entry], f"Deployment/{FULL_NAME}: spread {found}, wanted {[entry]}"


def test_spread_can_be_turned_off() -> None:
    spec = pod_of(render({"topologySpreadConstraints": []}))["spec"]
    assert "topologySpreadConstraints" not in spec, f"Deployment/{FULL_NAME}: {spec}"
