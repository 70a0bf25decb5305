"""KEDA's manifests run the pinned version, small, and where its images are loaded."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from cluster import kind
from cluster.common.errors import ClusterError
from cluster.common.paths import KEDA_MODULE
from cluster.keda import images, installation
from cluster.programs import go_module
from cluster.programs.keda_programs import MODULE, version

CONTROL_PLANE = "node-role.kubernetes.io/control-plane"
MOST_CPU_MILLIS = 50  # of each pod's request: the nodes share two cores
MOST_BYTES = 200_000

Manifest = dict[str, Any]


def manifests() -> list[Manifest]:
    texts = [path.read_text() for path in (installation.CRDS, installation.KEDA)]
    found = [manifest for text in texts for manifest in yaml.safe_load_all(text)]
    assert found, f"{installation.CRDS} and {installation.KEDA} are empty"
    return found


def name(manifest: Manifest) -> str:
    return f"{manifest['kind']}/{manifest['metadata']['name']}"


def deployments() -> dict[str, Manifest]:
    """Deployment → its pod."""
    return {
        manifest["metadata"]["name"]: manifest["spec"]["template"]["spec"]
        for manifest in manifests()
        if manifest["kind"] == "Deployment"
    }


def test_manifests_are_of_the_version_that_go_mod_pins() -> None:
    for manifest in manifests():
        found = manifest["metadata"]["labels"]["app.kubernetes.io/version"]
        assert found == version(), (
            f"{name(manifest)} is of KEDA {found}, {KEDA_MODULE}/go.mod pins {version()}: "
            "run `python -m generate.keda_manifests`"
        )


def test_deployments_run_the_images_that_are_built_and_loaded() -> None:
    (pods, programs) = (deployments(), {image: p for p, image in images.names().items()})
    assert tuple(sorted(pods)) == tuple(sorted(installation.DEPLOYMENTS)), f"{sorted(pods)}"
    for deployment, pod in pods.items():
        (container,) = pod["containers"]
        program = programs.get(container["image"])
        assert program is not None, f"{deployment} runs {container['image']}, not of {programs}"
        assert container["command"] == [f"/{program}"], f"{deployment}: {container['command']}"
        assert container["imagePullPolicy"] == "IfNotPresent", f"{deployment} always pulls"


def test_pods_are_small_and_stay_on_the_control_plane() -> None:
    for deployment, pod in deployments().items():
        (container,) = pod["containers"]
        cpu = container["resources"]["requests"]["cpu"]
        assert cpu.endswith("m"), f"{deployment} requests {cpu}"
        assert int(cpu[:-1]) <= MOST_CPU_MILLIS, f"{deployment}: {cpu}, most {MOST_CPU_MILLIS}m"
        assert CONTROL_PLANE in pod["nodeSelector"], f"{deployment}: {pod['nodeSelector']}"
        assert {"key": CONTROL_PLANE, "effect": "NoSchedule"} in pod["tolerations"], deployment


def test_every_kind_that_the_operator_watches_is_defined() -> None:
    """Without one of them the operator cannot start its controllers."""
    kinds = {m["spec"]["names"]["kind"] for m in manifests() if "Definition" in m["kind"]}
    assert kinds == {
        "ScaledObject",
        "ScaledJob",
        "TriggerAuthentication",
        "ClusterTriggerAuthentication",
        "CloudEventSource",
        "ClusterCloudEventSource",
    }, f"CRDs: {sorted(kinds)}"


def test_manifests_stay_small() -> None:
    size = sum(path.stat().st_size for path in (installation.CRDS, installation.KEDA))
    assert size <= MOST_BYTES, f"{size} bytes, wanted at most {MOST_BYTES}"


def test_keda_without_a_cluster_is_reported(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kind, "node_states", dict)
    with pytest.raises(ClusterError, match=r"^The cluster is not running: run `make up` first\.$"):
        installation.provide()


def test_missing_go_is_reported_with_the_way_to_do_without(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(go_module.GoModule, "directory", tmp_path / "none")
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(ClusterError, match=r"Go is not installed: .*, or leave KEDA out"):
        images.building()


def test_nothing_is_compiled_again_and_go_is_not_needed(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """The control: the same without Go, with programs that exist."""
    monkeypatch.setattr(go_module.GoModule, "directory", tmp_path)
    monkeypatch.setenv("PATH", str(tmp_path / "none"))
    for program in MODULE.programs:
        (tmp_path / program).touch()
    compiling = [step for step in images.building() if step.title.startswith("compile")]
    assert [step.title for step in compiling] == ["compile keda", "compile keda-adapter"]
    assert all(step.is_done() for step in compiling), "a program would be compiled again"


def test_a_keda_that_does_not_get_ready_is_reported_with_the_way_to_the_reason(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    kubectl = tmp_path / "kubectl"
    kubectl.write_text('#!/bin/sh\ntest "$1" != rollout || { echo "error: timed out"; exit 1; }\n')
    kubectl.chmod(0o755)
    monkeypatch.setattr(kind, "kubectl_command", lambda: [str(kubectl)])
    with pytest.raises(ClusterError, match=r"KEDA is not ready \(keda-operator after .* describe"):
        installation.install()
