"""The trace that a request belongs to, by W3C Trace Context."""

import random
import re
from collections.abc import Iterable
from contextvars import ContextVar
from dataclasses import dataclass

# Version 00 has four fields, a later one may have more (§4.3 of the recommendation); ff is none.
_TRACEPARENT = re.compile(
    rb"(?:00|(?!00|ff)[0-9a-f]{2}(?=.{53}(?:-|\Z)))"
    rb"-(?!0{32})([0-9a-f]{32})-(?!0{16})([0-9a-f]{16})-[0-9a-f]{2}",
)
_LENGTH = 55


@dataclass(slots=True)
class Trace:
    """The ids in hexadecimal; the parent's is None where the request brought no valid trace."""

    trace_id: str
    parent_id: str | None = None


current: ContextVar[Trace | None] = ContextVar("trace", default=None)


def read(headers: Iterable[tuple[bytes, bytes]]) -> Trace:
    """The trace in these headers, else a new one; a malformed or repeated field is none."""
    fields = [value for name, value in headers if name == b"traceparent"]
    if len(fields) == 1:
        field = fields[0].strip(b" \t")
        match = _TRACEPARENT.match(field)
        if match and (len(field) == _LENGTH or not field.startswith(b"00")):
            return Trace(match[1].decode(), match[2].decode())
    return Trace(f"{random.getrandbits(128) or 1:032x}")
