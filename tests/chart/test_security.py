"""Every pod of the chart meets the Pod Security Standard "restricted", with a read-only root."""

from pathlib import Path

from tests.chart.manifests import Manifest, one, pods_of, render

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
