"""The trace that a request belongs to, by W3C Trace Context."""

import random
import re
from collections.abc import Iterable
from contextvars import ContextVar

# Version 00 has four fields, a later one may have more (§4.3 of the recommendation); ff is none.
_TRACEPARENT = re.compile(
    rb"(?:00|(?!00|ff)[0-9a-f]{2}(?=.{53}(?:-|\Z)))"
    rb"-(?!0{32})([0-9a-f]{32})-(?!0{16})([0-9a-f]{16})-[0-9a-f]{2}",
)
_LENGTH = 55
_random = random.Random()  # noqa: S311 - not for secrets; not the app's, which it may have seeded


class Trace:
    """The ids in hexadecimal, read when they are first asked for.

    The parent's is None where the request brought no valid trace; the trace's is then a new one.
    A malformed or repeated field counts as none.
    """

    __slots__ = ("_headers", "_ids")

    def __init__(self, headers: Iterable[tuple[bytes, bytes]]) -> None:
        self._headers = headers
        self._ids: tuple[str, str | None] | None = None

    @property
    def ids(self) -> tuple[str, str | None]:
        """The trace's and the parent's."""
        if self._ids is None:
            self._ids = _read(self._headers)
        return self._ids

    def join(self, trace_id: str) -> None:
        """Takes the id that something else in the process has given to this request's trace."""
        self._ids = trace_id, self.ids[1]


current: ContextVar[Trace | None] = ContextVar("trace", default=None)


def _read(headers: Iterable[tuple[bytes, bytes]]) -> tuple[str, str | None]:
    fields = [value for name, value in headers if name == b"traceparent"]
    if len(fields) == 1:
        field = fields[0].strip(b" \t")
        match = _TRACEPARENT.match(field)
        if match and (len(field) == _LENGTH or not field.startswith(b"00")):
            return match[1].decode(), match[2].decode()
    return (_random.getrandbits(128) or 1).to_bytes(16).hex(), None
