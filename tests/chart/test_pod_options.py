"""Values that add to the pod: placement, containers, volumes and files; and to other objects."""

from typing import Any

import pytest

from tests.chart.manifests import FULL_NAME, app_of, of_kind, one, pod_of, pod_templates, render
from tests.chart.test_security import CONTAINER_CONTEXT

PASSED_ON: dict[str, Any] = {
    "nodeSelector": {"sentinel": "x"},
    "tolerations": [{"key": "sentinel", "operator": "Exists"}],
    "affinity": {"nodeAffinity": {"sentinel": []}},
    "priorityClassName": "sentinel",
    "runtimeClassName": "sentinel",
    "hostAliases": [{"ip": "192.0.2.1", "hostnames": ["sentinel"]}],
    "dnsConfig": {"options": [{"name": "ndots", "value": "2"}]},
}


@pytest.mark.parametrize("name", PASSED_ON)
def test_pod_field_comes_from_the_values(name: str) -> None:
    found = pod_of(render({name: PASSED_ON[name]}))["spec"][name]
    assert found == PASSED_ON[name], f"Deployment/{FULL_NAME}: {name} {found}"


@pytest.mark.parametrize("name", sorted(set(PASSED_ON) - {"affinity"}))
def test_pod_field_is_absent_by_default(name: str) -> None:
    spec = pod_of(render())["spec"]
    assert name not in spec, f"Deployment/{FULL_NAME}: {name} {spec[name]}, wanted none"


def test_pods_prefer_another_zone() -> None:
    found = pod_of(render())["spec"]["affinity"]["podAntiAffinity"]
    rules = found["preferredDuringSchedulingIgnoredDuringExecution"]
    keys = [rule["podAffinityTerm"]["topologyKey"] for rule in rules]
    assert keys == ["topology.kubernetes.io/zone"], f"Deployment/{FULL_NAME}: {keys}"
    assert list(found) == ["preferredDuringSchedulingIgnoredDuringExecution"], f"blocks: {found}"


@pytest.mark.parametrize("name", ["revisionHistoryLimit", "minReadySeconds"])
def test_deployment_field_comes_from_the_values(name: str) -> None:
    found = one(render({name: 47}), "Deployment")["spec"][name]
    assert found == 47, f"Deployment/{FULL_NAME}: {name} {found}, wanted 47"


def test_sidecars_start_before_init_containers_and_keep_running() -> None:
    values = {
        "sidecars": [{"name": "proxy", "image": "x"}],
        "initContainers": [{"name": "wait", "image": "y"}],
    }
    containers = pod_of(render(values))["spec"]["initContainers"]
    found = [(container["name"], container.get("restartPolicy")) for container in containers]
    wanted = [("proxy", "Always"), ("wait", None)]
    assert found == wanted, f"Deployment/{FULL_NAME}: {found}, wanted {wanted}"


@pytest.mark.parametrize("kind", ["sidecars", "initContainers"])
def test_users_containers_are_restricted_except_for_the_keys_they_set(kind: str) -> None:
    container = {"name": "x", "image": "x", "securityContext": {"readOnlyRootFilesystem": False}}
    found = pod_of(render({kind: [container]}))["spec"]["initContainers"][0]["securityContext"]
    wanted = CONTAINER_CONTEXT | {"readOnlyRootFilesystem": False}
    assert found == wanted, f"Deployment/{FULL_NAME}: {found}, wanted {wanted}"


def test_sidecar_does_not_change_the_apps_security_context() -> None:
    container = {"name": "x", "image": "x", "securityContext": {"capabilities": {"drop": []}}}
    found = app_of(render({"sidecars": [container]}))["securityContext"]
    assert found == CONTAINER_CONTEXT, f"Deployment/{FULL_NAME}: {found}"


def test_users_volumes_are_added_to_tmp() -> None:
    volumes, mounts = [{"name": "a", "emptyDir": {}}], [{"name": "a", "mountPath": "/a"}]
    manifests = render({"volumes": volumes, "volumeMounts": mounts})
    names = [volume["name"] for volume in pod_of(manifests)["spec"]["volumes"]]
    paths = [mount["mountPath"] for mount in app_of(manifests)["volumeMounts"]]
    wanted = (["tmp", "a"], ["/tmp", "/a"])  # noqa: S108 - the pod's, not this machine's
    assert (names, paths) == wanted, f"Deployment/{FULL_NAME}: {names} at {paths}"


def test_config_files_are_mounted_read_only() -> None:
    files = {"a.toml": "x = 1\n", "b.toml": "multi\nline"}
    manifests = render({"config": {"files": files, "mountPath": "/conf"}})
    data = one(manifests, "ConfigMap")["data"]
    assert data == files, f"ConfigMap/{FULL_NAME}: {data}, wanted {files}"
    mount = {"name": "config", "mountPath": "/conf", "readOnly": True}
    assert mount in app_of(manifests)["volumeMounts"], f"Deployment/{FULL_NAME}: not mounted"
    volume = {"name": "config", "configMap": {"name": FULL_NAME}}
    assert volume in pod_of(manifests)["spec"]["volumes"], f"Deployment/{FULL_NAME}: no volume"


def test_a_changed_config_file_restarts_the_pods() -> None:
    checksums = [
        pod_of(render({"config": {"files": {"a": text}}}))["metadata"]["annotations"]
        for text in ("1", "1", "2")
    ]
    first, same, other = [annotations["checksum/config"] for annotations in checksums]
    assert first == same, f"Deployment/{FULL_NAME}: {first} and {same} for the same file"
    assert first != other, f"Deployment/{FULL_NAME}: {first} for two files"


@pytest.mark.parametrize(
    "extra",
    [
        {"apiVersion": "v1", "kind": "Extra", "metadata": {"name": "{{ .Release.Name }}-x"}},
        "apiVersion: v1\nkind: Extra\nmetadata:\n  name: {{ .Release.Name }}-x\n",
    ],
    ids=["map", "text"],
)
def test_extra_objects_are_templates(extra: object) -> None:
    found = [
        item["metadata"]["name"] for item in of_kind(render({"extraObjects": [extra]}), "Extra")
    ]
    assert found == ["demo-x"], f"Extra: {found}, wanted demo-x"


def test_common_labels_are_on_every_object_except_for_pods() -> None:
    hook = {"migrations": {"enabled": True, "command": ["x"]}, "config": {"files": {"a": "b"}}}
    manifests = render({"commonLabels": {"team": "sentinel"}} | hook)
    labelled = [m for m in manifests if m["metadata"]["labels"].get("team") == "sentinel"]
    own = [m for m in manifests if m["kind"] != "Pod"]
    assert own, "nothing rendered"
    assert labelled == own, f"labelled {[m['kind'] for m in labelled]}"
    for owner, pod in pod_templates(manifests):
        assert "team" not in pod["metadata"]["labels"], f"{owner}: its pods have the label"


def test_users_metrics_are_added_to_the_cpu() -> None:
    metric = {"type": "Pods", "pods": {"metric": {"name": "sentinel"}}}
    spec = one(render({"autoscaling": {"metrics": [metric]}}), "HorizontalPodAutoscaler")["spec"]
    found = [entry["type"] for entry in spec["metrics"]]
    assert found == ["ContainerResource", "Pods"], f"HorizontalPodAutoscaler/{FULL_NAME}: {found}"


def test_service_options_come_from_the_values() -> None:
    values = {
        "type": "NodePort",
        "ipFamilyPolicy": "PreferDualStack",
        "trafficDistribution": "PreferClose",
        "externalTrafficPolicy": "Local",
    }
    spec = one(render({"service": values}), "Service")["spec"]
    assert values.items() <= spec.items(), f"Service/{FULL_NAME}: {spec}, wanted {values}"
