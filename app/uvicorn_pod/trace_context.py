"""The trace of a request, read from its `traceparent` header (W3C Trace Context)."""

import random
import re
from collections.abc import Iterable
from contextvars import ContextVar

# Version 00 has four fields, later versions may have more (§4.3). Version ff is invalid.
_TRACEPARENT = re.compile(
    rb"(?:00|(?!00|ff)[0-9a-f]{2}(?=.{53}(?:-|\Z)))"
    rb"-(?!0{32})([0-9a-f]{32})-(?!0{16})([0-9a-f]{16})-[0-9a-f]{2}",
)
_LENGTH = 55
# A separate generator, because the app may have seeded the shared one. The ids are not secrets.
_random = random.Random()  # noqa: S311


class Trace:
    """The trace id and the parent id of a request, in hexadecimal, read on first use."""

    __slots__ = ("_headers", "_ids")

    def __init__(self, headers: Iterable[tuple[bytes, bytes]]) -> None:
        self._headers = headers
        self._ids: tuple[str, str | None] | None = None

    @property
    def ids(self) -> tuple[str, str | None]:
        """The trace id and the parent id.

        Without a valid `traceparent`, the trace id is random and the parent id is None. A malformed
        or repeated header counts as absent.
        """
        if self._ids is None:
            self._ids = _read(self._headers)
        return self._ids

    def join(self, trace_id: str) -> None:
        """Replaces the trace id by the one that a tracing library gave to this request."""
        self._ids = trace_id, self.ids[1]


current: ContextVar[Trace | None] = ContextVar("trace", default=None)


def _read(headers: Iterable[tuple[bytes, bytes]]) -> tuple[str, str | None]:
    try:
        fields = [value for name, value in headers if name == b"traceparent"]
        if len(fields) == 1:
            field = fields[0].strip(b" \t")
            match = _TRACEPARENT.match(field)
            if match and (len(field) == _LENGTH or not field.startswith(b"00")):
                return match[1].decode(), match[2].decode()
    except (AttributeError, TypeError, ValueError):
        pass  # the app has changed the headers into something else
    return (_random.getrandbits(128) or 1).to_bytes(16).hex(), None
