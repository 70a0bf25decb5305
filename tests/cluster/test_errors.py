"""Each error a person can cause is one clear sentence and a non-zero exit."""

import os
import socket
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from cluster import kind, kubernetes_version
from cluster.common.errors import ClusterError
from cluster.offline import kubernetes_programs
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


def assert_one_sentence(done: subprocess.CompletedProcess[str], *parts: str) -> None:
    said = done.stderr.strip()
    assert done.returncode != 0, f"exit 0 of {done.args}: {said}"
    assert "Traceback" not in said, said
    assert said.startswith("error: "), said
    for part in parts:
        assert part in said, f"{part!r} is not in {said!r}"


def test_a_port_in_use_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        config = tmp_path / "kind.yaml"
        config.write_text(f"hostPort: {port}")
        monkeypatch.setattr(kind, "CONFIG", config)
        with pytest.raises(ClusterError, match=f"Port {port} on 127.0.0.1 is in use"):
            kind.refuse_taken_ports()
    kind.refuse_taken_ports()


def test_too_little_room_is_said_with_both_figures(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(kubernetes_programs, "BUILDS", tmp_path)
    monkeypatch.setattr(kubernetes_programs, "directory", lambda: tmp_path / "none")
    monkeypatch.setattr(kubernetes_programs, "NEEDED_BYTES", 1 << 60)
    with pytest.raises(ClusterError, match=r"needs \d+ GiB free .* there are \d+: free some"):
        kubernetes_programs.refuse_where_hopeless(kubernetes_programs.SERVERS)


def test_missing_go_is_said(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(kubernetes_programs, "directory", lambda: tmp_path / "none")
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(ClusterError, match="Go is not installed: install Go"):
        kubernetes_programs.refuse_where_hopeless(kubernetes_programs.CLIENTS)


def test_a_wrong_offline_setting_is_said() -> None:
    done = run(sys.executable, "-m", "cluster", "up", env={"OFFLINE": "yes"})
    assert_one_sentence(done, "OFFLINE is 'yes': set it to 1, to 0, or not at all.")


def test_a_version_of_kubernetes_without_an_image_is_said() -> None:
    done = run(sys.executable, "-m", "cluster", "up", env={"KUBERNETES": "1.29"})
    assert_one_sentence(done, "KUBERNETES is '1.29': set it to one of 1.34, ")


def test_another_version_of_kubernetes_is_refused_without_a_registry() -> None:
    done = run(sys.executable, "-m", "cluster", "up", env={"KUBERNETES": "1.36", "OFFLINE": "1"})
    assert_one_sentence(done, "KUBERNETES is 1.36, but without an image registry", "leave")


def test_another_version_of_kubernetes_than_what_runs_is_said(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("KUBERNETES", "1.36")
    kubernetes_version.refuse_what_differs(
        is_offline=False, running=kubernetes_version.IMAGES["1.36"]
    )
    with pytest.raises(ClusterError, match=r"made from kindest/node:v1\.35.* `make down`, then"):
        kubernetes_version.refuse_what_differs(
            is_offline=False, running=kubernetes_version.IMAGES["1.35"]
        )


def test_a_missing_values_file_is_said() -> None:
    done = run(sys.executable, "-m", "cluster", "up", env={"VALUES": "no-such.yaml"})
    assert_one_sentence(done, "VALUES names no-such.yaml, but there is no such file.")


def test_an_engine_that_does_not_answer_at_docker_host_is_said(tmp_path: Path) -> None:
    address = f"unix://{tmp_path}/none.sock"
    done = run(sys.executable, "-m", "cluster", "up", env={"DOCKER_HOST": address})
    assert_one_sentence(done, f"No engine answers at DOCKER_HOST={address}")


def test_environment_without_a_cluster_makes_eval_fail(tmp_path: Path) -> None:
    script = 'eval "$($PYTHON -m cluster env)" && echo went on'
    env = {"XDG_CACHE_HOME": str(tmp_path), "PYTHON": sys.executable}
    done = run("bash", "-c", script, env=env)
    assert_one_sentence(done, "no cluster runs: run `make up` first.")
    assert "went on" not in done.stdout


def test_cluster_tests_fail_and_never_skip_without_a_cluster(tmp_path: Path) -> None:
    env = {"KUBECONFIG": str(tmp_path / "none")}
    done = run(sys.executable, "-m", "pytest", "tests/e2e", "-p", "no:cacheprovider", env=env)
    assert done.returncode == 1, f"exit {done.returncode}: {done.stdout[-2000:]}"
    assert "there is no cluster to test on: run `make test-e2e`" in done.stdout
    closing = done.stdout.strip().splitlines()[-1]
    assert "skipped" not in closing, closing
    assert "passed" not in closing, closing
