"""Runs images as containers, as restricted as the chart runs them, with the ports of the host."""

from collections.abc import Iterator
from contextlib import contextmanager

from tests.support.commands import run

RESTRICTED = ("--detach", "--read-only", "--network=host", "--cap-drop=ALL")


@contextmanager
def started(image: str, *arguments: str, options: tuple[str, ...] = ()) -> Iterator[str]:
    """Runs a container until the block ends, and yields its id; `options` are those of docker."""
    container = run("docker", "run", *RESTRICTED, *options, image, *arguments).strip()
    try:
        yield container
    finally:
        run("docker", "rm", "--force", container)


def log(container: str) -> str:
    """Returns everything that it has written so far, to stdout and to stderr."""
    return run("sh", "-c", f"docker logs {container} 2>&1")
