"""JSON logs, one object per line: the server's, the app's and the access log alike."""

import asyncio
import contextlib
import json
import logging
import os
import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

import orjson

from uvicorn_pod import trace

MAX_TEXT = 2048  # of a path or client
STDOUT = 1
# What JSON need not escape but what may end a line or steer a terminal: DEL, the C1 controls,
# Unicode's line separators and its marks that turn the direction of writing.
_UNSAFE = re.compile("[\x7f-\x9f\u2028-\u202e\u2066-\u2069]")
_STANDARD = set(vars(logging.makeLogRecord({}))) | {"message", "asctime", "color_message"}
_OPTIONS = orjson.OPT_UTC_Z | orjson.OPT_NON_STR_KEYS

# For logging.config: what logs through the root logger is the app's.
CONFIG: dict[str, Any] = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"json": {"()": "uvicorn_pod.logs.JSONFormatter"}},
    "handlers": {"json": {"class": "logging.StreamHandler", "formatter": "json"}},
    "root": {"handlers": ["json"], "level": "INFO"},
    "loggers": {"uvicorn": {"level": "INFO"}, "uvicorn.error": {"level": "INFO"}},
}


def encode(entry: Mapping[str, Any]) -> str:
    """The entry in one line that no value in it can end or forge; whatever is no JSON, as text."""
    try:
        line = orjson.dumps(entry, default=str, option=_OPTIONS).decode()
    except TypeError:  # a lone surrogate, a number beyond 64 bits, a cycle
        line = json.dumps({name: ascii(value) for name, value in entry.items()})
    if line.isascii() and "\x7f" not in line:
        return line
    return _UNSAFE.sub(lambda match: f"\\u{ord(match[0]):04x}", line)


class JSONFormatter(logging.Formatter):
    """Formats a record with what `extra=` added to it and the trace it was made in."""

    def format(self, record: logging.LogRecord) -> str:
        """One line without its end."""
        entry: dict[str, Any] = {
            "time": datetime.fromtimestamp(record.created, UTC),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
        }
        if (found := trace.current.get()) is not None:
            entry["trace_id"] = found.trace_id
        if record.exc_info:
            entry["exception"] = self.formatException(record.exc_info)
        if record.stack_info:
            entry["stack"] = record.stack_info
        for name in vars(record).keys() - _STANDARD:
            entry.setdefault(name, vars(record)[name])
        return encode(entry)


class AccessLog:
    """One line per request, straight to stdout: a tenth of the cost of `logging`.

    The lines of one turn of the event loop are one system call, which costs more than they do.
    """

    def __init__(self, write: Callable[[bytes], object] | None = None) -> None:
        """`write` takes whole lines, at least one."""
        self._write = write or _write_to_stdout
        self._lines: list[str] = []

    def log(self, scope: Mapping[str, Any], status: int, seconds: float, body_bytes: int) -> None:
        """Logs a finished request, on the loop's thread.

        The path is without its query, which may hold secrets.
        """
        # As the client sent it, percent-encoded: what it decodes to may be anything.
        path = scope.get("raw_path") or scope["path"].encode()
        client = scope.get("client")
        found = trace.current.get()
        entry = {
            "time": datetime.now(UTC),
            "level": "INFO",
            "logger": "uvicorn.access",
            "method": scope["method"],
            "path": path[:MAX_TEXT].decode("ascii", "backslashreplace"),
            "status": status,
            "duration_ms": round(seconds * 1000, 3),
            "bytes": body_bytes,
            "client": client[0][:MAX_TEXT] if client else None,
        }
        if found is not None:
            entry["trace_id"] = found.trace_id
            if found.parent_id is not None:
                entry["parent_id"] = found.parent_id
        self._lines.append(encode(entry))
        if len(self._lines) == 1:
            asyncio.get_running_loop().call_soon(self.flush)

    def flush(self) -> None:
        """Writes what is not written yet."""
        if self._lines:
            text = "\n".join([*self._lines, ""])
            self._lines.clear()
            self._write(text.encode())


def _write_to_stdout(lines: bytes) -> None:
    with contextlib.suppress(OSError):  # nobody reads the log: no reason to fail a request
        while lines:
            lines = lines[os.write(STDOUT, lines) :]
