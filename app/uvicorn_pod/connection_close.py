"""The header that tells a client, during the drain, to use another connection next time."""

from collections.abc import Iterable


def without_connection(headers: Iterable[tuple[bytes, bytes]]) -> list[tuple[bytes, bytes]]:
    """Returns the headers of an answer without the app's own `connection` (RFC 9112 §9.6)."""
    return [pair for pair in headers if pair[0].lower() != b"connection"]
