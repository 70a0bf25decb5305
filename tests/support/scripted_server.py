"""A server whose answers a test chooses byte by byte, correct or not."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

from tests.support.http_client import HOST

OK = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok"
LAST = OK.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n")
CUT = OK[:-1]
UNAVAILABLE = b"HTTP/1.1 503 Service Unavailable\r\ncontent-length: 0\r\n\r\n"
NOT_HTTP = b"sentinel\r\n\r\n"


@dataclass
class ScriptedServer:
    """Answers each request of a connection in turn, then closes the connection."""

    port: int
    requests: list[bytes] = field(default_factory=list)
    connections: int = 0


@contextmanager
def answering(*answers: bytes) -> Iterator[ScriptedServer]:
    """Runs a server in a thread until the block ends; it gives each connection these answers."""
    with socket.create_server((HOST, 0)) as listener:
        server = ScriptedServer(listener.getsockname()[1])

        def answer(connection: socket.socket) -> None:
            with connection, suppress(OSError):
                for one in answers:
                    if request := connection.recv(65_536):
                        server.requests.append(request)
                        connection.sendall(one)

        def accept() -> None:
            with suppress(OSError):
                while True:
                    connection, _ = listener.accept()
                    server.connections += 1
                    threading.Thread(target=answer, args=[connection], daemon=True).start()

        thread = threading.Thread(target=accept, daemon=True)
        thread.start()
        yield server
        listener.shutdown(socket.SHUT_RDWR)
        thread.join(5)
