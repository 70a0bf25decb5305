"""Find a Docker engine that answers, or install and start one on Debian.

Without a service manager the engine is started as a background process, whose id is kept.
"""

import os
import re
import shutil
import signal
import subprocess
import time
from collections.abc import Sequence
from pathlib import Path

from cluster.common.errors import ClusterError, says_disk_is_full
from cluster.common.paths import ENGINE_LOG, ENGINE_PID
from cluster.common.process import output, run_logged
from cluster.common.steps import Step
from cluster.engine import capabilities

START_SECONDS = 60
ANSWER_SECONDS = 20
END_SECONDS = 20  # in which a killed engine has ended
LEAST_FREE_BYTES = 1 << 30
PACKAGES = ("docker.io", "iptables")
NEWER_PACKAGES = ("docker-cli", "docker-buildx")
"""Parts of docker.io that are separate packages in newer Debian releases."""

PID_FILES = {
    "dockerd": Path("/var/run/docker.pid"),
    "containerd": Path("/var/run/docker/containerd/containerd.pid"),
}
"""Program → the file in which the engine keeps its process id."""


def answers() -> bool:
    """Whether `docker info` gets an answer from an engine."""
    version = ["docker", "info", "--format", "{{.ServerVersion}}"]
    return bool(output(version, timeout_seconds=ANSWER_SECONDS))


def steps() -> list[Step]:
    """Return the steps that get an engine to answer; empty if one answers.

    Raises ClusterError if none answers and none can be installed and started here.
    """
    if answers():
        return []
    _require_startable()
    return [
        Step("install Docker", is_installed, install),
        Step("start Docker", answers, start),
    ]


def is_installed() -> bool:
    """Whether the engine and the client are installed."""
    return all(shutil.which(program) is not None for program in ("dockerd", "docker"))


def is_debian() -> bool:
    """Whether this is Debian itself, not a distribution derived from it."""
    try:
        text = Path("/etc/os-release").read_text()
    except OSError:
        return False
    return re.search(r"^ID=\"?debian\"?$", text, re.MULTILINE) is not None


def is_root() -> bool:
    """Whether this user may install packages and start an engine."""
    return os.geteuid() == 0


def require_access() -> None:
    """Raise ClusterError if an engine runs that this user may not use."""
    if "permission denied" in _client_message():
        raise ClusterError(
            "This user may not use the Docker engine (permission denied on its socket): "
            "add the user to the group `docker` and log in again, or run this as root."
        )


def require_answer_at_docker_host() -> None:
    """Raise ClusterError if DOCKER_HOST is set and no engine answers there."""
    address = os.environ.get("DOCKER_HOST")
    if address and not answers():
        require_access()
        raise ClusterError(
            f"No engine answers at DOCKER_HOST={address}: start it there, or unset DOCKER_HOST."
        )


def _require_startable() -> None:
    require_access()
    require_answer_at_docker_host()
    if not (is_debian() and is_root()):
        raise ClusterError(
            "Docker does not answer: start it and run this again. "
            "(On Debian, `make up` as root installs and starts it.)"
        )


def _client_message() -> str:
    """Return everything that `docker info` prints; empty if it cannot run or takes too long."""
    try:
        done = subprocess.run(
            ["docker", "info"],
            capture_output=True,
            text=True,
            check=False,
            timeout=ANSWER_SECONDS,
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return done.stdout + done.stderr


def install() -> None:
    """Install Debian's Docker packages. Raises ClusterError if apt-get fails."""
    apt_install("install engine", PACKAGES, NEWER_PACKAGES)


def apt_install(what: str, packages: Sequence[str], if_available: Sequence[str] = ()) -> None:
    """Install Debian packages, plus those of `if_available` that this Debian release has.

    Raises ClusterError if apt-get fails. `what` names the installation in logs and errors.
    """
    env = {"DEBIAN_FRONTEND": "noninteractive"}
    run_logged("read package lists", ["apt-get", "update"], env=env)
    wanted = [*packages, *(name for name in if_available if output(["apt-cache", "show", name]))]
    run_logged(what, ["apt-get", "install", "-y", "--no-install-recommends", *wanted], env=env)


def start() -> None:
    """Start the engine, with systemd if it runs, and wait until the engine answers.

    Raises ClusterError if the disk is full or the engine does not answer in START_SECONDS.
    """
    require_disk_space(Path("/var/lib/docker"))
    if Path("/run/systemd/system").is_dir():
        run_logged("start engine", ["systemctl", "start", "docker"])
    elif not _does_earlier_engine_answer():
        _remove_stale_pid_files()
        _start_process()
    _wait_until_it_answers()


def require_disk_space(root: Path | None = None) -> None:
    """Raise ClusterError if the engine's disk has less than LEAST_FREE_BYTES left.

    `root` is the engine's data directory; by default the engine is asked for it. A directory that
    is not on this host is not checked.
    """
    root = root or Path(output(["docker", "info", "--format", "{{.DockerRootDir}}"]) or "/")
    here = root if root.exists() else root.parent
    if not here.exists():
        return
    free = shutil.disk_usage(here).free
    if free < LEAST_FREE_BYTES:
        raise ClusterError(
            f"The disk of {root}, where Docker keeps its data, is full "
            f"({free >> 20} MiB free): free at least {LEAST_FREE_BYTES >> 30} GiB."
        )


def _does_earlier_engine_answer() -> bool:
    """Wait until an engine that is starting answers, or one that was killed has ended."""
    deadline = time.monotonic() + END_SECONDS
    while PID_FILES["dockerd"].exists() and time.monotonic() < deadline:
        if not _runs(PID_FILES["dockerd"].read_text(), "dockerd"):
            return False
        if answers():
            return True
        time.sleep(0.5)
    return False


def _remove_stale_pid_files() -> None:
    """Remove the pid files that a killed engine left. A new engine does not start over them."""
    for program, file in PID_FILES.items():
        if file.exists() and not _runs(file.read_text(), program):
            print(f"  removed {file}, which a killed {program} had left behind")
            file.unlink()


def _runs(pid: str, program: str) -> bool:
    """Whether the process runs that program. A zombie has ended, see proc_pid_stat(5)."""
    try:
        command, _, rest = Path(f"/proc/{int(pid)}/stat").read_text().rpartition(")")
    except (OSError, ValueError):
        return False
    return command.endswith(f"({program}") and not rest.startswith(" Z")


def _start_process() -> None:
    ENGINE_LOG.parent.mkdir(parents=True, exist_ok=True)
    with ENGINE_LOG.open("w") as log:
        process = subprocess.Popen(
            ["dockerd", *capabilities.engine_options()],
            stdout=log,
            stderr=subprocess.STDOUT,
            stdin=subprocess.DEVNULL,
            start_new_session=True,
        )
    ENGINE_PID.write_text(str(process.pid))


def _wait_until_it_answers() -> None:
    deadline = time.monotonic() + START_SECONDS
    while not answers():
        if time.monotonic() > deadline:
            raise ClusterError(
                f"Docker did not answer within {START_SECONDS} s of its start: {_last_error()} "
                f"Its log is {ENGINE_LOG}, or with systemd `journalctl --unit=docker`."
            )
        time.sleep(0.5)


def _last_error() -> str:
    if not ENGINE_LOG.exists():
        return ""
    text = ENGINE_LOG.read_text(errors="replace")
    if says_disk_is_full(text):
        return "the disk is full; free some space and run this again."
    lines = [line for line in text.splitlines() if line.strip()]
    return f"the last line of its log is {lines[-1][-300:]!r}." if lines else ""


def is_ours() -> bool:
    """Whether the engine is the process that `start` started."""
    return ENGINE_PID.exists() and _runs(ENGINE_PID.read_text(), "dockerd")


def stop() -> None:
    """Stop the engine that `start` started, and wait up to START_SECONDS until it has ended."""
    pid = ENGINE_PID.read_text().strip()
    os.kill(int(pid), signal.SIGTERM)
    deadline = time.monotonic() + START_SECONDS
    while _runs(pid, "dockerd") and time.monotonic() < deadline:
        time.sleep(0.2)
    ENGINE_PID.unlink()
