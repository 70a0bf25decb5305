"""The header that tells a client, during the drain, to use another connection next time."""

from collections.abc import Sequence

from uvicorn_pod.asgi import Message


def with_connection_close(message: Message, headers: Sequence[tuple[bytes, bytes]]) -> Message:
    """Returns the start of an answer with `connection: close` (RFC 9112 §9.6)."""
    others = [pair for pair in headers if pair[0].lower() != b"connection"]
    return {**message, "headers": [*others, (b"connection", b"close")]}
