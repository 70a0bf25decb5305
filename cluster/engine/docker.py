"""A container engine that answers: the one that runs, or one installed and started on Debian.

Started by hand only where no service manager runs; then it is a process of ours, whose id is kept.
"""

import os
import re
import shutil
import signal
import subprocess
import time
from collections.abc import Sequence
from pathlib import Path

from cluster.common.errors import ClusterError
from cluster.common.paths import ENGINE_LOG, ENGINE_PID
from cluster.common.process import output, run_logged, says_disk_is_full
from cluster.common.steps import Step
from cluster.engine import capabilities

START_SECONDS = 60
ANSWER_SECONDS = 20
LEAST_FREE_BYTES = 1 << 30
PACKAGES = ("docker.io", "iptables")
NEWER_PACKAGES = ("docker-cli", "docker-buildx")
"""Parts of docker.io that newer Debian releases ship on their own."""

PID_FILE = Path("/var/run/docker.pid")


def answers() -> bool:
    """Whether `docker info` gets an answer from an engine."""
    version = ["docker", "info", "--format", "{{.ServerVersion}}"]
    return bool(output(version, timeout_seconds=ANSWER_SECONDS))


def steps() -> list[Step]:
    """What is missing for an engine to answer."""
    if answers():
        return []
    _refuse_where_hopeless()
    return [
        Step("install the container engine", is_installed, install),
        Step("start the container engine", answers, start),
    ]


def is_installed() -> bool:
    """Whether there is an engine to start, and a client to ask it with."""
    return all(shutil.which(program) is not None for program in ("dockerd", "docker"))


def is_debian() -> bool:
    """Debian itself: its packages and their keys are known here."""
    try:
        text = Path("/etc/os-release").read_text()
    except OSError:
        return False
    return re.search(r"^ID=\"?debian\"?$", text, re.MULTILINE) is not None


def is_root() -> bool:
    """Whether packages can be installed and an engine be started."""
    return os.geteuid() == 0


def refuse_no_rights() -> None:
    """Raise ClusterError where an engine is there, but not for this user."""
    if "permission denied" in _refusal():
        raise ClusterError(
            "This user may not talk to the Docker engine (permission denied on its socket): "
            "add the user to the group `docker` and log in again, or run this as root."
        )


def _refuse_where_hopeless() -> None:
    refuse_no_rights()
    if os.environ.get("DOCKER_HOST"):
        raise ClusterError(
            f"No engine answers at DOCKER_HOST={os.environ['DOCKER_HOST']}: start it there, "
            "or unset DOCKER_HOST."
        )
    if not (is_debian() and is_root()):
        raise ClusterError(
            "No container engine answers: start Docker and run this again "
            "(only on Debian, as root, is one installed for you)."
        )


def _refusal() -> str:
    """What the docker client says where it gets no answer; empty where it says nothing."""
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
    """Install Debian's engine; raises ClusterError where a package is not to be had."""
    apt_install("install engine", PACKAGES, NEWER_PACKAGES)


def apt_install(what: str, packages: Sequence[str], where_known: Sequence[str] = ()) -> None:
    """Install Debian packages, and those others that this release of Debian has."""
    env = {"DEBIAN_FRONTEND": "noninteractive"}
    run_logged("read package lists", ["apt-get", "update"], env=env)
    wanted = [*packages, *(name for name in where_known if output(["apt-cache", "show", name]))]
    run_logged(what, ["apt-get", "install", "-y", "--no-install-recommends", *wanted], env=env)


def start() -> None:
    """Start the engine, by the service manager where one runs, and wait until it answers."""
    refuse_full_disk(Path("/var/lib/docker"))
    if Path("/run/systemd/system").is_dir():
        run_logged("start engine", ["systemctl", "start", "docker"])
    else:
        _remove_stale_pid_file()
        _start_by_hand()
    _wait_until_it_answers()


def refuse_full_disk(root: Path | None = None) -> None:
    """Raise ClusterError where the engine's disk, if it is one of this host, is full.

    `root` is where the engine keeps its data; by default the engine is asked.
    """
    root = root or Path(output(["docker", "info", "--format", "{{.DockerRootDir}}"]) or "/")
    here = root if root.exists() else root.parent
    if not here.exists():
        return
    free = shutil.disk_usage(here).free
    if free < LEAST_FREE_BYTES:
        raise ClusterError(
            f"The disk of {root}, where the container engine keeps its data, is full "
            f"({free >> 20} MiB free): free at least {LEAST_FREE_BYTES >> 30} GiB."
        )


def _remove_stale_pid_file() -> None:
    """A killed engine leaves its pid file behind, and the next one refuses to start over it."""
    if not PID_FILE.exists():
        return
    pid = PID_FILE.read_text().strip()
    if _command_of(pid) == "dockerd":
        return
    print(f"  {PID_FILE} was left by an engine that was killed (process {pid}): removed.")
    PID_FILE.unlink()


def _command_of(pid: str) -> str:
    try:
        return Path(f"/proc/{int(pid)}/comm").read_text().strip()
    except (OSError, ValueError):
        return ""


def _start_by_hand() -> None:
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
                f"The container engine did not answer within {START_SECONDS} s: {_last_error()} "
                f"Its log is {ENGINE_LOG} (or the service manager's journal)."
            )
        time.sleep(0.5)


def _last_error() -> str:
    if not ENGINE_LOG.exists():
        return ""
    text = ENGINE_LOG.read_text(errors="replace")
    if says_disk_is_full(text):
        return "the disk is full, free some space."
    lines = [line for line in text.splitlines() if line.strip()]
    return f"it said last: {lines[-1][-300:]}" if lines else ""


def is_ours() -> bool:
    """Whether the engine is the process that `start` made."""
    return ENGINE_PID.exists() and _command_of(ENGINE_PID.read_text().strip()) == "dockerd"


def stop() -> None:
    """Stop the engine that `start` made, and wait until it has ended."""
    pid = ENGINE_PID.read_text().strip()
    os.kill(int(pid), signal.SIGTERM)
    deadline = time.monotonic() + START_SECONDS
    while _command_of(pid) == "dockerd" and time.monotonic() < deadline:
        time.sleep(0.2)
    ENGINE_PID.unlink()
