"""A TCP connection for tests that send malformed or incomplete requests on purpose."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager

from tests.support.http_client import HOST


@contextmanager
def connected(port: int, timeout_seconds: float = 20) -> Iterator[socket.socket]:
    """Yields a socket that is connected to a port on loopback, and closes it."""
    with socket.create_connection((HOST, port), timeout=timeout_seconds) as connection:
        yield connection


def read_to_end(connection: socket.socket) -> bytes:
    """Reads until the server closes or resets the connection."""
    received = bytearray()
    try:
        while data := connection.recv(65_536):
            received += data
    except ConnectionResetError:
        pass
    return bytes(received)
