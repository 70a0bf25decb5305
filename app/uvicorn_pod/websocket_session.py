"""A WebSocket, from its handshake to its close."""

from collections.abc import Callable
from time import perf_counter

from uvicorn_pod.asgi import Message, Receive, Scope, Send
from uvicorn_pod.request_record import CLIENT_CLOSED, RequestRecord
from uvicorn_pod.trace_context import Trace

# Close codes, RFC 6455 §7.4.1 and https://www.iana.org/assignments/websocket
NO_CODE = 1005
ABNORMAL = 1006
SERVICE_RESTART = 1012


class WebSocketSession:
    """Passes all messages on unchanged.

    The session ends with the first message that closes it, or when the app returns.
    """

    # If an app fails before it answers the handshake, uvicorn answers 500.
    status = 500
    is_ended = False
    close_code: int | None = None
    _sent_bytes = 0

    def __init__(
        self,
        receive: Receive,
        send: Send,
        on_open: Callable[[], None],
        on_end: Callable[["WebSocketSession"], None],
    ) -> None:
        """Each of the callbacks is called once at most."""
        self._receive = receive
        self._send = send
        self._on_open = on_open
        self._on_end = on_end
        self.started = perf_counter()

    @property
    def is_open(self) -> bool:
        """Whether the handshake has succeeded; also after the end."""
        return self.status == 101

    async def receive(self) -> Message:
        """Receives a message; one that tells of the end ends the session."""
        message = await self._receive()
        if message["type"] == "websocket.disconnect" and not self.is_ended:
            if not self.is_open:
                self.status = CLIENT_CLOSED
            self.end(message.get("code", NO_CODE))
        return message

    async def send(self, message: Message) -> None:
        """Sends a message; one that closes the WebSocket, or refuses it, ends the session."""
        await self._send(message)
        kind = message["type"]
        if self.is_ended:
            return
        if kind == "websocket.send":
            self._sent_bytes += _size(message)
        elif kind == "websocket.close":
            if not self.is_open:
                self.status = 403
            self.end(message.get("code", 1000))
        else:
            self._note_answer(kind, message)

    def _note_answer(self, kind: str, message: Message) -> None:
        """Remembers what the app answers to the handshake."""
        if kind == "websocket.accept":
            self.status = 101
            self._on_open()
        elif kind == "websocket.http.response.start":
            self.status = message["status"]
        elif kind == "websocket.http.response.body":
            self._sent_bytes += _size(message)
            if not message.get("more_body"):
                self.end(ABNORMAL)

    def end(self, code: object) -> None:
        """Ends the session, unless it has ended before. A refused handshake has no close code."""
        if self.is_ended:
            return
        self.is_ended = True
        if self.is_open:
            self.close_code = code if isinstance(code, int) else NO_CODE
        self._on_end(self)

    def record(self, scope: Scope, route: str, trace: Trace) -> RequestRecord:
        """The session as the record of its handshake, which is a GET request."""
        path, client = scope.get("raw_path"), scope.get("client")
        return RequestRecord(
            "GET",
            path if isinstance(path, bytes) else str(scope.get("path")).encode(errors="replace"),
            client if isinstance(client, tuple) else None,
            route,
            trace,
            self.started,
            perf_counter(),
            self.status,
            self._sent_bytes,
            self._sent_bytes,
            is_stream=True,
        )


def _size(message: Message) -> int:
    text = message.get("text")
    data = message.get("bytes") or message.get("body") or b""
    return len(data) if text is None else len(text.encode())
