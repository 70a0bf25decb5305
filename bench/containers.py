"""Containers as pods have them: a read-only root, /tmp in memory, and chosen cores."""

import json
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.support.http_client import LOST, get
from tests.support.waiting import wait_until

START_SECONDS = 60


@dataclass(frozen=True)
class Container:
    """A running container; its processes are visible from here."""

    name: str
    port: int

    def processes(self) -> list[int]:
        """Returns the ids of the container's first process and of all its descendants."""
        listed = output("docker", "top", self.name, "-eo", "pid").split()[1:]
        return [int(pid) for pid in listed]

    def memory_bytes(self) -> int:
        """Memory of all processes; pages that they share count once."""
        return sum(_proportional_bytes(pid) for pid in self.processes())


@contextmanager
def running(
    image: str, arguments: Sequence[str], port: int, *, options: Sequence[str] = (), path: str = "/"
) -> Iterator[Container]:
    """Runs a container until the block ends, which begins once `path` is answered with 200.

    `options` are those of `docker run`, for example `--cpuset-cpus=0`.
    """
    with started(image, arguments, options) as name:
        container = Container(name, port)
        wait_until(lambda: _answers(container, path), START_SECONDS, f"{arguments} answers")
        yield container


@contextmanager
def started(image: str, arguments: Sequence[str], options: Sequence[str]) -> Iterator[str]:
    """Starts a container, yields its id at once, and removes it when the block ends."""
    fixed = ["--detach", "--read-only", "--tmpfs=/tmp", "--network=host"]
    name = output("docker", "run", *fixed, *options, image, *arguments)
    try:
        yield name
    finally:
        output("docker", "rm", "--force", name)


def output(*command: str) -> str:
    """Returns what a command prints; raises CalledProcessError if it fails."""
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()


def versions(image: str, packages: Sequence[str]) -> dict[str, str]:
    """Returns the versions of Python and of packages in an image."""
    script = (
        "import json, platform, sys; from importlib.metadata import version; "
        "print(json.dumps({'Python': platform.python_version()} | "
        "{name: version(name) for name in sys.argv[1:]}))"
    )
    found = output("docker", "run", "--rm", "--entrypoint=python", image, "-c", script, *packages)
    return dict(json.loads(found))


def _answers(container: Container, path: str) -> bool:
    try:
        return get(container.port, path).status == 200
    except LOST:
        state = output("docker", "inspect", "--format={{.State.Running}}", container.name)
        if state != "true":
            raise RuntimeError(output("docker", "logs", container.name)) from None
        return False


def _proportional_bytes(pid: int) -> int:
    for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
        if line.startswith("Pss:"):
            return int(line.split()[1]) * 1024
    raise RuntimeError(f"/proc/{pid}/smaps_rollup has no line Pss")
