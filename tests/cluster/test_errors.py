"""Each mistake a user can make ends in one clear sentence and a non-zero exit code."""

import os
import socket
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from cluster import host_ports, kind, kubernetes_version
from cluster.common import command
from cluster.common.errors import ClusterError
from cluster.programs import go_module, kubernetes_programs
from tests.support.repository import ROOT


def run(
    *command: str, env: Mapping[str, str] | None = None, cwd: Path = ROOT
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command,
        capture_output=True,
        text=True,
        check=False,
        cwd=cwd,
        env={**os.environ, **(env or {})},
        timeout=120,
    )


def nothing_compiled(monkeypatch: pytest.MonkeyPatch, directory: Path) -> None:
    monkeypatch.setattr(go_module.GoModule, "directory", directory / "none")


def test_a_port_in_use_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        config = tmp_path / "kind.yaml"
        config.write_text(f"hostPort: {port}")
        monkeypatch.setattr(host_ports, "CONFIG", config)
        with pytest.raises(ClusterError, match=f"Port {port} on 127.0.0.1 is in use"):
            host_ports.require_free_ports()
    host_ports.require_free_ports()


def test_too_little_disk_space_is_reported_with_both_figures(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    nothing_compiled(monkeypatch, tmp_path)
    monkeypatch.setattr(kubernetes_programs, "BUILDS", tmp_path)
    monkeypatch.setattr(kubernetes_programs, "NEEDED_BYTES", 1 << 60)
    with pytest.raises(ClusterError, match=r"needs \d+ GiB free .* only \d+ GiB are free: free so"):
        kubernetes_programs.require_go_and_disk_space(kubernetes_programs.SERVERS)


def test_missing_go_is_reported(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    nothing_compiled(monkeypatch, tmp_path)
    monkeypatch.setattr(kubernetes_programs, "BUILDS", tmp_path)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(
        ClusterError, match=r"Go is not installed: install Go 1\.26\.7 or newer, or"
    ):
        kubernetes_programs.require_go_and_disk_space(kubernetes_programs.CLIENTS)


@pytest.mark.parametrize(
    ("printed", "reported"), [("go1.25.9", "printed go1.25.9"), ("", "printed nothing")]
)
def test_a_go_that_is_too_old_or_broken_is_reported(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, printed: str, reported: str
) -> None:
    go = tmp_path / "go"
    go.write_text(f"#!/bin/sh\necho '{printed}'\n")
    go.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(ClusterError, match=rf"{reported}: install Go 1\.26\.7 or newer, or rest"):
        go_module.require_go("rest")


def test_a_running_cluster_of_another_kubernetes_version_is_reported(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("KUBERNETES", "1.36")
    kubernetes_version.require_requested_version(
        is_offline=False, running=kubernetes_version.IMAGES["1.36"]
    )
    with pytest.raises(ClusterError, match=r"from kindest/node:v1\.35.*: run `make down`, then"):
        kubernetes_version.require_requested_version(
            is_offline=False, running=kubernetes_version.IMAGES["1.35"]
        )


def test_a_cluster_of_the_same_name_from_elsewhere_is_reported(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(kind, "node_states", lambda _: {"uvicorn-control-plane": "running"})
    monkeypatch.setattr(kind, "output", lambda _: '{"30080/tcp":[{"HostPort":"8080"}]}')
    kind.require_own_cluster()
    monkeypatch.setattr(kind, "output", lambda _: '{"6443/tcp":[{"HostPort":"41000"}]}')
    with pytest.raises(ClusterError, match="uvicorn exists that was not created by `make up`: rem"):
        kind.require_own_cluster()


def test_a_file_of_another_user_is_reported(capsys: pytest.CaptureFixture[str]) -> None:
    def write() -> None:
        raise PermissionError(13, "Permission denied", "/state/lock")

    assert command.run(write) == 1
    assert capsys.readouterr().err.startswith("error: This user may not write /state/lock: run")


def test_environment_without_a_cluster_makes_eval_fail(tmp_path: Path) -> None:
    script = 'eval "$($PYTHON -m cluster env)" && echo went on'
    env = {"XDG_CACHE_HOME": str(tmp_path), "PYTHON": sys.executable}
    done = run("bash", "-c", script, env=env)
    assert done.returncode != 0, f"exit 0: {done.stdout}"
    assert done.stderr == "error: the cluster is not running: run `make up` first.\n"
    assert "went on" not in done.stdout


def test_cluster_tests_fail_and_never_skip_without_a_cluster(tmp_path: Path) -> None:
    env = {"KUBECONFIG": str(tmp_path / "none")}
    done = run(sys.executable, "-m", "pytest", "tests/e2e", "-p", "no:cacheprovider", env=env)
    assert done.returncode == 1, f"exit {done.returncode}: {done.stdout[-2000:]}"
    assert "there is no cluster to test on: run `make test-e2e`" in done.stdout
    closing = done.stdout.strip().splitlines()[-1]
    assert "skipped" not in closing, closing
    assert "passed" not in closing, closing
