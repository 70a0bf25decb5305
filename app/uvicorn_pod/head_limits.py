"""The limits of a request's head, as values; limited_protocol.py enforces them."""

from dataclasses import dataclass


@dataclass(frozen=True)
class HeadLimits:
    """Limits of a request's head: its request line and its header fields (RFC 9112 §2.1).

    `header_seconds` is the time from its first byte to its last; `max_headers` counts fields.
    """

    header_seconds: float = 10
    max_header_bytes: int = 65_536
    max_headers: int = 100
