"""The head of an answer as bytes: its status line and its header fields (RFC 9112 §4 and §5)."""

import functools
import http
import re

# Flags of a field that changes how the answer is sent.
CONTENT_LENGTH = 1
CHUNKED = 2
CLOSE = 4

_NOT_IN_A_NAME = re.compile(rb'[\x00-\x20\x7f()<>@,;:\\"\[\]={}]')
_NOT_IN_A_VALUE = re.compile(rb"[\x00-\x08\x0a-\x1f\x7f]")
_MAX_CACHED = 200  # bytes of a value: apps repeat short ones, and the cache must stay small
_CHUNKED_FIELD = b"transfer-encoding: chunked\r\n"
_CLOSE_FIELD = b"connection: close\r\n"

_Fields = list[tuple[bytes, bytes]]


def _phrase(status: int) -> bytes:
    try:
        return http.HTTPStatus(status).phrase.encode()
    except ValueError:
        return b""


_STATUS_LINES = {
    status: b"HTTP/1.1 %d %b\r\n" % (status, _phrase(status)) for status in range(100, 600)
}


class ResponseHead:
    """A head, and what it says about the body and the connection.

    `length` is the stated Content-Length, None without one; `is_chunked` tells that the body has
    chunks. `is_last` tells that the connection closes after the answer.
    """

    __slots__ = ("data", "is_chunked", "is_last", "length")

    def __init__(
        self,
        status: int,
        fields: _Fields,
        defaults: _Fields,
        *,
        has_body: bool,
        keep_alive: bool,
    ) -> None:
        """`defaults` are the server's own fields, which come first.

        Raises RuntimeError if a field has a character that HTTP does not allow, and KeyError for a
        status that HTTP does not have.
        """
        block, flags = _defaults(tuple(defaults))
        lines = [_STATUS_LINES[status], block]
        length: int | None = None
        is_chunked = bool(flags & CHUNKED)
        for name, value in fields:
            try:
                line, flag = (_cached if len(value) <= _MAX_CACHED else _field)(name, value)
            except TypeError:  # a bytearray, for example, cannot be in a cache
                line, flag = _field(name, value)
            if flag:
                flags |= flag
                if flag == CHUNKED:
                    is_chunked, length = True, None
                elif flag == CONTENT_LENGTH and length is None and not is_chunked:
                    length = int(value)
            lines.append(line)
        if not (keep_alive or flags & CLOSE):
            lines.append(_CLOSE_FIELD)
        if length is None and not is_chunked and has_body:
            is_chunked = True
            lines.append(_CHUNKED_FIELD)
        lines.append(b"\r\n")
        self.data = b"".join(lines)
        self.length = length
        self.is_chunked = is_chunked
        self.is_last = not keep_alive or bool(flags & CLOSE)


def _field(name: bytes, value: bytes) -> tuple[bytes, int]:
    """The line of a field, and its flag or 0."""
    if _NOT_IN_A_NAME.search(name):
        raise RuntimeError("Invalid HTTP header name.")
    if _NOT_IN_A_VALUE.search(value):
        raise RuntimeError("Invalid HTTP header value.")
    name = bytes(name).lower()
    return b"%b: %b\r\n" % (name, value), _flag(name, value)


def _flag(name: bytes, value: bytes) -> int:
    if name == b"content-length":
        return CONTENT_LENGTH
    if name == b"transfer-encoding":
        return CHUNKED if value.lower() == b"chunked" else 0
    if name == b"connection":
        tokens = {token.strip() for token in value.lower().split(b",")}
        return CLOSE if b"close" in tokens else 0
    return 0


_cached = functools.lru_cache(maxsize=1024)(_field)


@functools.lru_cache(maxsize=2)
def _defaults(fields: tuple[tuple[bytes, bytes], ...]) -> tuple[bytes, int]:
    """The lines of the server's own fields, which change once a second with the date."""
    lines, flags = [], 0
    for name, value in fields:
        line, flag = _field(name, value)
        lines.append(line)
        flags |= flag
    return b"".join(lines), flags
