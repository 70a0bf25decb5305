"""The HTTP client of the tests and the bench. It never retries: an error is a lost request."""

import http.client
import select
import socket
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self

HOST = "127.0.0.1"
LOST = (OSError, http.client.HTTPException)
"""The errors of a request that got no complete answer."""


@dataclass(frozen=True)
class Answer:
    """Status, headers (names in lower case) and the body as it was sent, still compressed."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    seconds: float = 0.0
    """From the request to its whole answer, connecting included, where a client measures it."""

    @property
    def is_closing(self) -> bool:
        """Whether the server tells the client to close the connection."""
        return self.headers.get("connection") == "close"


class Client:
    """A client with one connection, which it never opens again.

    It sends `Host` and the given headers, and no others. A header is a keyword argument, such as
    `accept_encoding="gzip"`. Each method raises one of `LOST` if there is no complete answer.
    """

    def __init__(self, port: int, timeout_seconds: float = 10, host: str = HOST) -> None:
        self._connection = http.client.HTTPConnection(host, port, timeout=timeout_seconds)
        self._connection.connect()
        self._connection.auto_open = 0

    def send(self, path: str, **headers: str) -> None:
        """Sends a GET and leaves its answer unread."""
        self._connection.putrequest("GET", path, skip_accept_encoding=True)
        for name, value in headers.items():
            self._connection.putheader(name.replace("_", "-"), value)
        self._connection.endheaders()

    def send_post(self, path: str, body: bytes = b"") -> None:
        """Sends a POST and leaves its answer unread."""
        self._connection.putrequest("POST", path, skip_accept_encoding=True)
        self._connection.putheader("Content-Length", str(len(body)))
        self._connection.endheaders(body)

    def receive_head(self) -> http.client.HTTPResponse:
        """Reads the head of the next answer; the caller reads the body, such as an event stream."""
        return self._connection.getresponse()

    def receive(self) -> Answer:
        """Reads the whole next answer."""
        response = self.receive_head()
        headers = {name.lower(): value for name, value in response.getheaders()}
        return Answer(response.status, headers, response.read())

    def get(self, path: str, **headers: str) -> Answer:
        """Sends a GET and reads its answer."""
        self.send(path, **headers)
        return self.receive()

    def is_closed_by_server(self) -> bool:
        """Whether the server has closed the idle connection.

        After a reset this is false, and the next request raises.
        """
        connected = self._connection.sock
        if connected is None:
            return True
        poller = select.poll()
        poller.register(connected, select.POLLIN)
        try:
            return bool(poller.poll(0)) and connected.recv(1, socket.MSG_PEEK) == b""
        except OSError:
            return False

    def close(self) -> None:
        """Closes the connection."""
        self._connection.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def get(port: int, path: str, timeout_seconds: float = 10, /, **headers: str) -> Answer:
    """Sends a GET on a fresh connection; raises one of `LOST` if there is no complete answer."""
    with Client(port, timeout_seconds) as client:
        return client.get(path, **headers)
