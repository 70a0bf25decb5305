"""A small TCP balancer that, as in a cluster, hears late of a server that is to go."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress


class Balancer:
    """Joins each client's connection to the server that is current when it comes."""

    def __init__(self) -> None:
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=128)
        self.port: int = self._listener.getsockname()[1]
        self.server_port = 0

    def serve(self) -> None:
        """Accepts until closed."""
        with suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                try:
                    server = socket.create_connection(("127.0.0.1", self.server_port))
                except OSError:
                    client.close()  # a lost request, and counted as such by its client
                    continue
                for source, target in ((client, server), (server, client)):
                    threading.Thread(target=_pass_on, args=[source, target], daemon=True).start()

    def close(self) -> None:
        """Takes no more connections."""
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()


def _pass_on(source: socket.socket, target: socket.socket) -> None:
    with suppress(OSError):
        while data := source.recv(65_536):
            target.sendall(data)
    for one in (source, target):
        with suppress(OSError):
            one.shutdown(socket.SHUT_RDWR)
    source.close()


@contextmanager
def balancing() -> Iterator[Balancer]:
    """A balancer in a thread of its own."""
    balancer = Balancer()
    thread = threading.Thread(target=balancer.serve, daemon=True)
    thread.start()
    try:
        yield balancer
    finally:
        balancer.close()
        thread.join(5)
