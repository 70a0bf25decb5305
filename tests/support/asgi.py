"""Calls an ASGI app without a server, and reads its answer as a strict client would."""

import asyncio
import sys
import zlib
from collections.abc import Iterable
from typing import Any, Protocol

from uvicorn_pod.asgi import App, Message, Receive, Scope, Send

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

GZIP = [(b"accept-encoding", b"gzip")]
START = "http.response.start"
BODY = "http.response.body"


def http_scope(**changes: Any) -> dict[str, Any]:
    """A GET whose client accepts gzip."""
    return {"type": "http", "method": "GET", "path": "/", "headers": GZIP, **changes}


def answering(*messages: Message) -> App:
    """An app that sends these messages."""

    async def app(_scope: Scope, _receive: Receive, send: Send) -> None:
        for message in messages:
            await send(message)

    return app


def answer(
    *pieces: bytes, headers: Iterable[tuple[bytes, bytes]] = (), status: int = 200
) -> list[Message]:
    """The messages of an answer; the last piece says that it is the last."""
    last = len(pieces) - 1
    return [
        {"type": START, "status": status, "headers": [*headers]},
        *({"type": BODY, "body": body, "more_body": i < last} for i, body in enumerate(pieces)),
    ]


def call(app: App, scope: Scope, sent: list[Message] | None = None) -> list[Message]:
    """Returns what the app sends; in `sent` it remains readable when the app raises."""
    messages = [] if sent is None else sent

    async def send(message: Message) -> None:
        messages.append(message)

    async def run() -> None:
        await app(scope, receive_nothing, send)

    asyncio.run(run())
    return messages


async def receive_nothing() -> Message:
    """Waits for a client that sends nothing and stays."""
    await asyncio.sleep(60)
    return {"type": "http.disconnect"}


def fields(messages: list[Message], name: bytes) -> list[bytes]:
    """The values of a header field, one per line."""
    start = next(message for message in messages if message["type"] == START)
    return [value for key, value in start["headers"] if key.lower() == name]


def raw_body(messages: list[Message]) -> bytes:
    """The bytes as sent."""
    return b"".join(message.get("body", b"") for message in messages if message["type"] == BODY)


def decoded_body(messages: list[Message]) -> bytes:
    """The body of a whole answer, decoded once if the answer says gzip or zstd.

    Raises AssertionError if the answer contradicts itself.
    """
    raw = raw_body(messages)
    lengths = fields(messages, b"content-length")
    assert lengths in ([], [b"%d" % len(raw)]), f"content-length {lengths} of {len(raw)} bytes"
    coding = b", ".join(fields(messages, b"content-encoding")).decode()
    if coding not in ("gzip", "zstd"):
        return raw
    decompressor = decoder(coding)
    body = decompressor.decompress(raw)
    assert decompressor.eof, f"{len(raw)} bytes of {coding} without an end"
    assert not decompressor.unused_data, f"{len(decompressor.unused_data)} bytes after the end"
    return body


class Decoder(Protocol):
    """Decodes a body as it arrives."""

    @property
    def eof(self) -> bool:
        """Whether the body is complete."""

    @property
    def unused_data(self) -> bytes:
        """The bytes after the end of the body."""

    def decompress(self, data: bytes, /) -> bytes:
        """Decodes the next bytes as far as possible."""


def decoder(coding: str) -> Decoder:
    """A decoder of gzip or zstd, as strict as a client may be: zstd windows have 8 MB at most."""
    if coding == "gzip":
        return zlib.decompressobj(wbits=31)
    return zstd.ZstdDecompressor(options={zstd.DecompressionParameter.window_log_max: 23})
