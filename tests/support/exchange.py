"""Drives a connection of the runtime's protocol without a socket, and reads what it answers."""

import asyncio
from collections.abc import Iterator
from typing import Any, NamedTuple, cast

import h11
from prometheus_client import CollectorRegistry
from uvicorn import Config
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol
from uvicorn.server import ServerState
from uvicorn_pod.accounting import Accounting
from uvicorn_pod.asgi import App
from uvicorn_pod.head_limits import HeadLimits, limited_protocol
from uvicorn_pod.metrics import Metrics
from uvicorn_pod.websocket_app import WebSocketApp

from tests.support.recording_transport import RecordingTransport

LIMITS = HeadLimits(header_seconds=10, max_header_bytes=65_536, max_headers=100)
SECONDS = 10  # that an app may take
TURNS = 40  # of the event loop: enough for an app that does not wait


def request(path: str = "/", *fields: bytes, method: str = "GET", body: bytes = b"") -> bytes:
    """The bytes of a request; `fields` are whole lines without their line ends."""
    length = [b"content-length: %d" % len(body)] if body else []
    head = [f"{method} {path} HTTP/1.1".encode(), b"host: a", *fields, *length]
    return b"\r\n".join([*head, b"", body])


class Answer(NamedTuple):
    """An answer, with lower-case field names; `is_whole` tells that its end has arrived."""

    status: int
    headers: list[tuple[bytes, bytes]]
    body: bytes
    is_whole: bool


class Exchange:
    """A connection between a client and an app. It needs a running event loop.

    By default, the app is connected as in the runtime. `protocol` is another class to use, for
    example uvicorn's.
    """

    def __init__(
        self,
        app: App,
        accounting: Accounting | None = None,
        *,
        protocol: type[HttpToolsProtocol] | None = None,
        **settings: Any,
    ) -> None:
        """`settings` are those of uvicorn's Config."""
        if protocol is None:
            accounting = accounting or Accounting(Metrics(CollectorRegistry()))
            app = WebSocketApp(app, accounting)
            protocol = limited_protocol(LIMITS, accounting)
        settings = {"lifespan": "off", "proxy_headers": False, "access_log": False, **settings}
        settings = {"log_config": None, **settings}
        config = Config(cast("Any", app), interface="asgi3", **settings)
        self.state = ServerState()
        self.protocol: Any = protocol(config, self.state, {})
        self.transport = RecordingTransport()
        self.protocol.connection_made(cast("asyncio.Transport", self.transport))
        self._methods: list[bytes] = []

    async def send(self, *pieces: bytes) -> None:
        """Sends the pieces of one request, and lets the app run a little after each."""
        self._methods.append(pieces[0].split(b" ")[0])
        for piece in pieces:
            if self.transport.is_closed:
                return
            self.protocol.data_received(piece)
            await self.run_on()

    async def run_on(self) -> None:
        """Lets the apps do what they can do without waiting for something else."""
        for _ in range(TURNS):
            if not self.state.tasks:
                return
            await asyncio.sleep(0)

    async def finish(self) -> None:
        """Waits until the app has returned. Raises TimeoutError if it does not."""
        async with asyncio.timeout(SECONDS):
            while self.state.tasks:
                await asyncio.wait(self.state.tasks)

    def leave(self) -> None:
        """Ends the connection, as a client does that leaves."""
        self.transport.is_closed = True
        self.protocol.connection_lost(None)

    @property
    def answers(self) -> list[Answer]:
        """The answers until now, as a strict client reads them."""
        return list(read(bytes(self.transport.written), self._methods))


def read(data: bytes, methods: list[bytes]) -> Iterator[Answer]:
    """Reads the answers to requests of these methods. Raises h11.RemoteProtocolError."""
    client = h11.Connection(h11.CLIENT)
    if not data:
        return
    client.receive_data(data)
    for method in methods:
        client.send(h11.Request(method=method, target="/", headers=[("host", "a")]))
        client.send(h11.EndOfMessage())
        event = client.next_event()
        while isinstance(event, h11.InformationalResponse):
            event = client.next_event()
        if not isinstance(event, h11.Response):
            return
        body = bytearray()
        while isinstance(data_event := client.next_event(), h11.Data):
            body += data_event.data
        is_whole = isinstance(data_event, h11.EndOfMessage)
        yield Answer(event.status_code, list(event.headers), bytes(body), is_whole)
        if client.our_state is not h11.DONE or client.their_state is not h11.DONE:
            return
        client.start_next_cycle()


def exchange(app: App, *requests: bytes, accounting: Accounting | None = None) -> list[Answer]:
    """Sends the requests on one connection, each after the answer to the one before."""

    async def run() -> list[Answer]:
        connection = Exchange(app, accounting)
        for each in requests:
            await connection.send(each)
            await connection.finish()
        connection.leave()
        return connection.answers

    return asyncio.run(run())


async def ask_and_leave(
    app: App, accounting: Accounting, data: bytes, has_left: asyncio.Event, *, leaves: bool = True
) -> None:
    """Sends a request, ends the connection, and then sets the event that the app waits for.

    With `leaves=False` the client stays, as a control.
    """
    connection = Exchange(app, accounting)
    await connection.send(data)
    if leaves:
        connection.leave()
    has_left.set()
    await connection.finish()
