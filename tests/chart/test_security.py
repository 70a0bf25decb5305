"""Every pod of the chart meets the Pod Security Standard "restricted", with a read-only root."""

from pathlib import Path

import pytest

from tests.chart.manifests import Manifest, one, pod_of, pods_of, render

POD_CONTEXT = {
    "runAsNonRoot": True,
    "runAsUser": 65532,
    "runAsGroup": 65532,
    "fsGroup": 65532,
    "seccompProfile": {"type": "RuntimeDefault"},
}
CONTAINER_CONTEXT = {
    "allowPrivilegeEscalation": False,
    "readOnlyRootFilesystem": True,
    "capabilities": {"drop": ["ALL"]},
}


def pods(value_set: Path) -> list[tuple[str, Manifest]]:
    found = pods_of(render(files=(value_set,)))
    assert len(found) == 2, f"{value_set.name}: wanted the app's and the test's pod, got {found}"
    return found


def test_pods_run_as_an_unprivileged_user(value_set: Path) -> None:
    for owner, pod in pods(value_set):
        found = pod["securityContext"]
        assert found == POD_CONTEXT, f"{owner}: {found}, wanted {POD_CONTEXT}"


def test_containers_have_no_privileges_and_a_read_only_root(value_set: Path) -> None:
    for owner, pod in pods(value_set):
        containers = pod["containers"] + pod.get("initContainers", [])
        assert containers, f"{owner}: no containers"
        for container in containers:
            found = container["securityContext"]
            assert found == CONTAINER_CONTEXT, (
                f"{owner} {container['name']}: {found}, wanted {CONTAINER_CONTEXT}"
            )


def test_pods_get_no_service_account_token(value_set: Path) -> None:
    for owner, pod in pods(value_set):
        mounted = pod["automountServiceAccountToken"]
        assert mounted is False, f"{owner}: automountServiceAccountToken {mounted}, wanted false"


def test_pods_get_no_service_links(value_set: Path) -> None:
    for owner, pod in pods(value_set):
        links = pod["enableServiceLinks"]
        assert links is False, f"{owner}: enableServiceLinks {links}, wanted false"


def test_security_contexts_can_be_extended() -> None:
    values = {
        "podSecurityContext": {"supplementalGroups": [4711]},
        "securityContext": {"runAsUser": 20001},
    }
    manifests = render(values)
    pod = one(manifests, "Deployment")["spec"]["template"]["spec"]
    wanted_pod = POD_CONTEXT | {"supplementalGroups": [4711]}
    wanted = CONTAINER_CONTEXT | {"runAsUser": 20001}
    found = pod["securityContext"], pod["containers"][0]["securityContext"]
    assert found == (wanted_pod, wanted), f"Deployment: {found}, wanted {(wanted_pod, wanted)}"


def test_tmp_is_the_only_writable_directory_and_has_a_size_limit() -> None:
    pod = one(render({"tmp": {"sizeLimit": "77Mi"}}), "Deployment")["spec"]["template"]["spec"]
    assert pod["volumes"] == [{"name": "tmp", "emptyDir": {"sizeLimit": "77Mi"}}], (
        f"Deployment: volumes {pod['volumes']}"
    )
    mounts = pod["containers"][0]["volumeMounts"]
    assert mounts == [{"name": "tmp", "mountPath": "/tmp"}], f"Deployment: mounts {mounts}"  # noqa: S108 - the pod's, not this machine's


def test_own_mount_at_tmp_replaces_the_charts() -> None:
    """Each container that runs the app's image has it: the app's, and those of jobs."""
    volumes = [{"name": "tmp", "emptyDir": {"medium": "Memory", "sizeLimit": "64Mi"}}]
    mounts = [{"name": "tmp", "mountPath": "/tmp/"}]  # noqa: S108 - the pod's
    jobs = {"migrations": {"enabled": True, "command": ["migrate"]}}
    found = {
        owner: (pod["volumes"], pod["containers"][0]["volumeMounts"])
        for owner, pod in pods_of(render({"volumes": volumes, "volumeMounts": mounts} | jobs))
        if not owner.startswith("Pod/")
    }
    assert len(found) == 2, f"wanted a Deployment and a Job, rendered {list(found)}"
    for owner, pair in found.items():
        assert pair == (volumes, mounts), f"{owner}: {pair}, wanted {(volumes, mounts)}"


@pytest.mark.parametrize("port", [80, 1023, 1024])
def test_user_that_is_not_root_may_listen_on_the_port(port: int) -> None:
    values = {
        "runtime": "image",
        "uvicorn": {"port": port},
        "probes": {"startup": {"path": "/"}, "readiness": {"path": "/"}},
        "podSecurityContext": {"sysctls": [{"name": "net.ipv4.tcp_syncookies", "value": "1"}]},
    }
    pod = pod_of(render(values))["spec"]
    sysctls = {entry["name"]: entry["value"] for entry in pod["securityContext"]["sysctls"]}
    lowest = int(sysctls.get("net.ipv4.ip_unprivileged_port_start", "1024"))
    assert lowest <= port, f"Deployment: ports from {lowest}, the app listens on {port}"
    assert ("net.ipv4.ip_unprivileged_port_start" in sysctls) == (port < 1024), f"{sysctls}"
    assert sysctls["net.ipv4.tcp_syncookies"] == "1", f"Deployment: the user's is lost, {sysctls}"
    ports = [entry["containerPort"] for entry in pod["containers"][0]["ports"]]
    assert ports == [port], f"Deployment: ports {ports}, wanted {port}"


def test_the_users_own_lowest_port_is_kept() -> None:
    own = [{"name": "net.ipv4.ip_unprivileged_port_start", "value": "0"}]
    values = {"uvicorn": {"port": 80}, "podSecurityContext": {"sysctls": own}}
    found = pod_of(render(values))["spec"]["securityContext"]["sysctls"]
    assert found == own, f"Deployment: sysctls {found}, wanted {own}"
