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


@pytest.mark.parametrize("name", ["dockerd", "containerd"])
def test_pid_file_of_a_killed_engine_is_removed_although_it_is_a_zombie(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    program = tmp_path / name  # the name that the kernel knows the process by
    program.symlink_to(sys.executable)
    file = tmp_path / "pid"
    monkeypatch.setattr(docker, "PID_FILES", {name: file})
    with subprocess.Popen([program, "-c", ZOMBIE], stdout=subprocess.PIPE, text=True) as parent:
        try:
            assert parent.stdout is not None
            pid = parent.stdout.readline().strip()
            wait_until(lambda: state_of(pid) == "Z", 10, f"process {pid} being a zombie")
            file.write_text(pid)
            docker._remove_stale_pid_files()  # noqa: SLF001 - only root may start an engine
            assert not file.exists(), f"the pid file of zombie {pid} is still there"
            file.write_text(str(parent.pid))
            docker._remove_stale_pid_files()  # noqa: SLF001
            assert file.exists(), "the control: the pid file of a live process is gone"
        finally:
            parent.kill()
