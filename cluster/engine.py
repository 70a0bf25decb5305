"""A container engine that answers: the one that runs, or one installed and started on Debian.

Started by hand only where no service manager runs; then it is a process of ours, whose id is kept.
"""

import os
import re
import shutil
import signal
import subprocess
import time
from functools import cache
from pathlib import Path

from . import capabilities
from .errors import ClusterError
from .paths import ENGINE_LOG, ENGINE_PID
from .plan import Step
from .process import output, run_logged

START_SECONDS = 60
PACKAGES = ("docker.io", "iptables")
INPUTS_LABEL = "uvicorn-pod.inputs"
"""On every image made here: the digest of what it was made from, where that is looked at."""

PID_FILE = Path("/var/run/docker.pid")


def answers() -> bool:
    """Whether `docker info` gets an answer from an engine."""
    return output(["docker", "info", "--format", "{{.ServerVersion}}"], timeout_seconds=20) not in (
        None,
        "",
    )


def steps() -> list[Step]:
    """What is missing for an engine to answer."""
    if answers():
        return []
    _refuse_where_hopeless()
    return [
        Step("install the container engine", lambda: shutil.which("dockerd") is not None, install),
        Step("start the container engine", answers, start),
    ]


def is_debian() -> bool:
    """Debian or something made from it: its package names are known here."""
    try:
        text = Path("/etc/os-release").read_text()
    except OSError:
        return False
    return re.search(r"^ID(_LIKE)?=.*\bdebian\b", text, re.MULTILINE) is not None


def is_root() -> bool:
    """Whether packages can be installed and an engine be started."""
    return os.geteuid() == 0


def _refuse_where_hopeless() -> None:
    if "permission denied" in _refusal():
        raise ClusterError(
            "This user may not talk to the Docker engine (permission denied on its socket): "
            "add the user to the group `docker` and log in again, or run this as root."
        )
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
    """What the docker client says where it gets no answer; empty where there is no client."""
    if shutil.which("docker") is None:
        return ""
    done = subprocess.run(["docker", "info"], capture_output=True, text=True, check=False)
    return done.stdout + done.stderr


def install() -> None:
    """Install Debian's engine; raises ClusterError where a package is not to be had."""
    apt_install("install engine", PACKAGES)


def apt_install(what: str, packages: tuple[str, ...]) -> None:
    """Install Debian packages, after reading the package lists anew."""
    env = {"DEBIAN_FRONTEND": "noninteractive"}
    run_logged(f"{what}: apt-get update", ["apt-get", "update"], env=env)
    run_logged(what, ["apt-get", "install", "-y", "--no-install-recommends", *packages], env=env)


def start() -> None:
    """Start the engine, by the service manager where one runs, and wait until it answers."""
    _refuse_full_disk()
    if Path("/run/systemd/system").is_dir():
        run_logged("start engine", ["systemctl", "start", "docker"])
    else:
        _remove_stale_pid_file()
        _start_by_hand()
    _wait_until_it_answers()


def _refuse_full_disk() -> None:
    root = Path("/var/lib/docker")
    free = shutil.disk_usage(root if root.exists() else root.parent).free
    if free < 1 << 30:
        raise ClusterError(
            f"The disk of {root} is full ({free >> 20} MiB free): free at least 1 GiB, "
            "for example with `make clean`, and run this again."
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
    if "no space left on device" in text:
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


@cache
def build_client() -> tuple[str, ...]:
    """A docker client that can build with BuildKit.

    A client from 23.0 on needs the buildx plugin for that and falls back to a builder that knows
    no build secrets; the older ones have BuildKit built in.
    """
    for client in ("docker", "/usr/bin/docker"):
        version = output([client, "version", "--format", "{{.Client.Version}}"])
        if version is None:
            continue
        if output([client, "buildx", "version"]) or int(version.split(".")[0]) < 23:
            return (client,)
    raise ClusterError(
        "No docker client here can build with BuildKit: install Docker's buildx plugin."
    )


def build(what: str, arguments: list[str]) -> None:
    """`docker build` with BuildKit; the private CA, where one is set, is there as a secret."""
    ca = os.environ.get("SSL_CERT_FILE")
    secret = ["--secret", f"id=ca,src={ca}"] if ca and Path(ca).is_file() else []
    run_logged(
        what,
        [*build_client(), "build", "--progress=plain", "--network=host", *secret, *arguments],
        env={"DOCKER_BUILDKIT": "1"},
    )


def image_label(image: str, label: str) -> str:
    """Value of an image's label; empty where the image or the label is not there."""
    form = f'{{{{index .Config.Labels "{label}"}}}}'
    value = output(["docker", "image", "inspect", "--format", form, image])
    return value if value and value != "<no value>" else ""


def has_image(image: str) -> bool:
    """Whether the engine holds an image of this name."""
    return output(["docker", "image", "inspect", "--format", "{{.Id}}", image]) is not None
