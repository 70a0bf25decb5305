"""Servers and their client, each on a separate core."""

from collections.abc import Iterator
from contextlib import contextmanager

from bench.containers import Container, running
from bench.five_servers import IMAGE, Server
from tests.support.serving import free_port

SERVER_CORE, CLIENT_CORE = 0, 1


@contextmanager
def served(server: Server, *, path: str = "/") -> Iterator[Container]:
    """Runs a server in a container until the block ends, which begins once it answers `path`."""
    port = free_port()
    arguments = server.arguments(port, management_port=free_port())
    pinned = [f"--cpuset-cpus={SERVER_CORE}"]
    with running(IMAGE.reference, arguments, port, options=pinned, path=path) as container:
        yield container
