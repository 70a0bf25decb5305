"""JSON logs, one object per line: the server's, the app's and the access log alike."""

import contextlib
import functools
import json
import logging
import os
import re
import time
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

import orjson

from uvicorn_pod import trace_context
from uvicorn_pod.request_record import RequestRecord

MAX_TEXT = 2048  # of a path or client
STDOUT = 1
# What JSON need not escape but what may end a line or steer a terminal: DEL, the C1 controls,
# Unicode's line separators and its marks that turn the direction of writing.
_UNSAFE = re.compile("[\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]")
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


def encode(entry: Mapping[str, Any]) -> bytes:
    """The entry as JSON in one line; whatever is no JSON, as text."""
    try:
        return orjson.dumps(entry, default=str, option=_OPTIONS)
    except TypeError:  # a lone surrogate, a number beyond 64 bits, a cycle
        return json.dumps({name: ascii(value) for name, value in entry.items()}).encode()


def escape(lines: bytes) -> bytes:
    """The same lines of JSON; no value in them can end or forge one in a terminal or a viewer."""
    if lines.isascii() and b"\x7f" not in lines:
        return lines
    return _UNSAFE.sub(lambda match: f"\\u{ord(match[0]):04x}", lines.decode()).encode()


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
        if (found := trace_context.current.get()) is not None:
            entry["trace_id"], _ = found.ids
        if record.exc_info:
            entry["exception"] = self.formatException(record.exc_info)
        if record.stack_info:
            entry["stack"] = record.stack_info
        for name in vars(record).keys() - _STANDARD:
            entry.setdefault(name, vars(record)[name])
        return escape(encode(entry)).decode()


class AccessLog:
    """One line per request, straight to stdout: a tenth of the cost of `logging`."""

    def __init__(self, write: Callable[[bytes], object] | None = None) -> None:
        """`write` takes whole lines, at least one."""
        self._write = write or _write_to_stdout

    def log(self, requests: Iterable[RequestRecord]) -> None:
        """Logs requests that have ended by now, in one system call, which costs more than they do.

        The path is without its query, which may hold secrets.
        """
        clock = time.time() - time.perf_counter()
        lines = [_line(request, clock) for request in requests]
        self._write(escape("\n".join([*lines, ""]).encode()))


def _line(request: RequestRecord, clock: float) -> str:
    """Put together by hand, in half the time: only three of its values may be any text."""
    second, microseconds = divmod(int((clock + request.ended) * 1e6), 1_000_000)
    trace_id, parent_id = request.trace.ids
    milliseconds = int((request.ended - request.started) * 1e6) / 1000
    client = str(request.client[0])[:MAX_TEXT] if request.client else None
    parent = "" if parent_id is None else f',"parent_id":"{parent_id}"'
    return (
        f'{{"time":"{_time(second)}.{microseconds:06d}Z","level":"INFO","logger":"uvicorn.access"'
        f',"method":{_quoted(request.method)},"path":{_quoted(request.path[:MAX_TEXT])}'
        f',"status":{request.status},"duration_ms":{milliseconds}'
        f',"bytes":{request.sent_bytes},"client":{_quoted(client)}'
        f',"trace_id":"{trace_id}"{parent}}}'
    )


@functools.lru_cache(maxsize=2)
def _time(second: int) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(second))


@functools.lru_cache(maxsize=1024)
def _quoted(text: str | bytes | None) -> str:
    """As JSON; most requests of a while have the same few of these.

    It has to be cut to its length before: a client chooses what is remembered.
    """
    value = text.decode("ascii", "backslashreplace") if isinstance(text, bytes) else text
    try:
        return orjson.dumps(value).decode()
    except TypeError:  # a lone surrogate
        return json.dumps(ascii(value))


def _write_to_stdout(lines: bytes) -> None:
    with contextlib.suppress(OSError):  # nobody reads the log: no reason to fail a request
        while lines:
            lines = lines[os.write(STDOUT, lines) :]
