"""An engine that was killed does not keep the next one from starting."""

import subprocess
import sys
from pathlib import Path

import pytest

from cluster.engine import docker
from tests.support.waiting import wait_until

ZOMBIE = (
    "import os, time; pid = os.fork(); pid or os._exit(0); print(pid, flush=True); time.sleep(60)"
)


def state_of(pid: str) -> str:
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]


def test_pid_file_of_a_killed_engine_is_removed_although_it_is_a_zombie(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = tmp_path / "dockerd"  # the name that the kernel knows the process by
    program.symlink_to(sys.executable)
    with subprocess.Popen([program, "-c", ZOMBIE], stdout=subprocess.PIPE, text=True) as parent:
        try:
            assert parent.stdout is not None
            pid = parent.stdout.readline().strip()
            wait_until(lambda: state_of(pid) == "Z", 10, f"process {pid} being a zombie")
            monkeypatch.setattr(docker, "PID_FILE", tmp_path / "docker.pid")
            docker.PID_FILE.write_text(pid)
            docker._remove_stale_pid_file()  # noqa: SLF001 - only root may start an engine
            assert not docker.PID_FILE.exists(), f"the pid file of zombie {pid} is still there"
            docker.PID_FILE.write_text(str(parent.pid))
            docker._remove_stale_pid_file()  # noqa: SLF001
            assert docker.PID_FILE.exists(), "the control: the pid file of a live engine is gone"
        finally:
            parent.kill()
