"""Keeps each log entry in one line of JSON that no logged value can break or forge.

Both logs use it: access_log.py and server_logs.py.
"""

import json
import re
from collections.abc import Mapping
from typing import Any

import orjson

# Characters that JSON allows unescaped, but that can end a line or control a terminal: DEL, the C1
# controls, Unicode's line separators and the marks that change the direction of writing.
_UNSAFE = re.compile("[\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]")
_OPTIONS = orjson.OPT_UTC_Z | orjson.OPT_NON_STR_KEYS


def encode(entry: Mapping[str, Any]) -> bytes:
    """Encodes an entry as one line of JSON; a value that JSON does not know becomes text."""
    try:
        return orjson.dumps(entry, default=str, option=_OPTIONS)
    except TypeError:  # a lone surrogate, a number beyond 64 bits, a cycle
        return json.dumps({name: ascii(value) for name, value in entry.items()}).encode()


def escape(lines: bytes) -> bytes:
    """Escapes every character in lines of JSON that could end a line or control a terminal.

    So no value can forge a log line, in a terminal or in a log viewer.
    """
    if lines.isascii() and b"\x7f" not in lines:
        return lines
    return _UNSAFE.sub(lambda match: f"\\u{ord(match[0]):04x}", lines.decode()).encode()
