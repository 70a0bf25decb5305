"""Bounds of a request's head; limited_protocol.py enforces them."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Limits:
    """Bounds of a request's head: its request line and its header fields."""

    header_seconds: float = 10
    max_header_bytes: int = 65_536
    max_headers: int = 100
