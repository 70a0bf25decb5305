"""An HTTP client that accepts no error of framing: it reads each answer with h11.

http.client ignores bytes after the end of an answer, and takes the first of two lengths.
"""

import socket
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Self

import h11

from tests.support.http_client import HOST

TIMEOUT_SECONDS = 30
ONCE = ("content-length", "content-encoding", "content-type", "transfer-encoding", "etag", "date")


class FramingError(Exception):
    """An answer that two clients may read differently, or that has no end."""


@dataclass(frozen=True)
class Reply:
    """An answer: its header lines as they were sent, names in lower case, and its body as sent."""

    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes

    def all(self, name: str) -> list[str]:
        """The values of all lines of this name."""
        return [value for key, value in self.headers if key == name]


class StrictClient:
    """A client that keeps its connection until an answer closes it, and then opens the next one.

    A byte after the end of an answer is either found at once, or taken for the next answer.
    """

    def __init__(self, port: int) -> None:
        self._port = port
        self._socket: socket.socket | None = None
        self._h11 = h11.Connection(h11.CLIENT)
        self._received = bytearray()  # since the last answer

    def ask(
        self,
        path: str,
        method: str = "GET",
        body: bytes = b"",
        headers: Mapping[str, str] = MappingProxyType({}),
    ) -> Reply:
        """Sends a request and reads its answer.

        Raises FramingError, or OSError if the server does not answer in time.
        """
        if self._socket is None:
            self._socket = socket.create_connection((HOST, self._port), timeout=TIMEOUT_SECONDS)
            self._h11 = h11.Connection(h11.CLIENT)
        self._received.clear()
        self._socket.sendall(self._request(path, method, body, headers))
        try:
            reply = self._receive(self._socket)
        except h11.RemoteProtocolError as error:
            raise FramingError(f"{error}: {bytes(self._received[-500:])!r}") from error
        if self._h11.their_state is h11.DONE:
            self._h11.start_next_cycle()
        else:
            self._expect_end()
        return reply

    def _request(self, path: str, method: str, body: bytes, headers: Mapping[str, str]) -> bytes:
        length = {"content-length": str(len(body))} if body else {}
        lines = {"host": f"{HOST}:{self._port}", **headers, **length}
        request = h11.Request(method=method, target=path, headers=list(lines.items()))
        events = [request, h11.Data(data=body), h11.EndOfMessage()]
        return b"".join(self._h11.send(event) or b"" for event in events)

    def _receive(self, connection: socket.socket) -> Reply:
        status, body = 0, bytearray()
        while True:
            event = self._h11.next_event()
            if event is h11.NEED_DATA:
                data = connection.recv(65_536)
                self._received += data
                self._h11.receive_data(data)
            elif isinstance(event, h11.Response):
                status = event.status_code
            elif isinstance(event, h11.Data):
                body += event.data
            elif isinstance(event, h11.EndOfMessage):
                break
            else:
                raise FramingError(f"{event!r} instead of an answer")
        after, _ = self._h11.trailing_data
        if after:
            raise FramingError(f"after the end: {after[:500]!r}")
        return Reply(status, self._lines(), bytes(body))

    def _lines(self) -> tuple[tuple[str, str], ...]:
        """The lines of the head; h11 merges two equal lengths, and prefers chunks to a length."""
        head, _, _ = bytes(self._received).partition(b"\r\n\r\n")
        pairs = [line.split(":", 1) for line in head.decode("latin-1").split("\r\n")[1:]]
        lines = tuple((name.lower(), value.strip()) for name, value in pairs)
        names = [name for name, _ in lines]
        twice = {name: names.count(name) for name in ONCE if names.count(name) > 1}
        if twice:
            raise FramingError(f"fields that may be sent once: {twice} in {lines}")
        if {"content-length", "transfer-encoding"} <= set(names):
            raise FramingError(f"both a length and chunks: {lines}")
        return lines

    def _expect_end(self) -> None:
        """Reads the end of the connection, and forgets the connection."""
        connection, self._socket = self._socket, None
        if connection is not None:
            with connection:
                if data := connection.recv(65_536):
                    raise FramingError(f"after the last answer: {data[:500]!r}")

    def close(self) -> None:
        """Ends the connection. Raises FramingError if anything follows the last answer."""
        if self._socket is not None:
            self._socket.shutdown(socket.SHUT_WR)
            self._expect_end()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: object, *_: object) -> None:
        if kind is None:
            self.close()
        elif self._socket is not None:
            self._socket.close()
