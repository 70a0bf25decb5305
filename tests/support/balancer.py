"""A small TCP balancer; a test tells it late, as in a cluster, that a server is terminating."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress


class Balancer:
    """Forwards each new connection to the server that is current at that moment."""

    def __init__(self) -> None:
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=128)
        self.port: int = self._listener.getsockname()[1]
        self.server_port = 0

    def serve(self) -> None:
        """Accepts connections until the balancer is closed."""
        with suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                try:
                    server = socket.create_connection(("127.0.0.1", self.server_port))
                except OSError:
                    client.close()  # the client counts this as a lost request
                    continue
                for source, target in ((client, server), (server, client)):
                    threading.Thread(target=_forward, args=[source, target], daemon=True).start()

    def close(self) -> None:
        """Stops accepting connections."""
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()


def _forward(source: socket.socket, target: socket.socket) -> None:
    with suppress(OSError):
        while data := source.recv(65_536):
            target.sendall(data)
    for one in (source, target):
        with suppress(OSError):
            one.shutdown(socket.SHUT_RDWR)
    source.close()


@contextmanager
def balancing() -> Iterator[Balancer]:
    """Runs a balancer in a dedicated thread until the block ends."""
    balancer = Balancer()
    thread = threading.Thread(target=balancer.serve, daemon=True)
    thread.start()
    try:
        yield balancer
    finally:
        balancer.close()
        thread.join(5)
