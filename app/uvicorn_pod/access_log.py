"""The access log: one line of JSON per request. For all other log lines see server_logs.py."""

import functools
import json
import os
import time
from collections.abc import Callable, Iterable

import orjson

from uvicorn_pod.log_escaping import escape
from uvicorn_pod.request_record import RequestRecord

MAX_TEXT = 2048  # characters of a path or a client
STDOUT = 1


class AccessLog:
    """Writes straight to stdout, at a tenth of the cost of `logging`."""

    def __init__(self, write: Callable[[bytes], int | None] | None = None) -> None:
        """`write` gets one or more whole lines at a time; the default writes them to stdout.

        It may return the number of lines that it has dropped.
        """
        self._write = write or _Stdout().write

    def log(self, requests: Iterable[RequestRecord]) -> int:
        """Logs the requests in one system call, which costs more than making their lines.

        The path is logged without its query, which may hold secrets. Returns the number of lines
        that were dropped.
        """
        clock = time.time() - time.perf_counter()
        lines = [_line(request, clock) for request in requests]
        return self._write(escape("\n".join([*lines, ""]).encode())) or 0

    def log_websocket(self, session: RequestRecord, close_code: int | None) -> int:
        """Logs a WebSocket with its close code, None if its handshake did not succeed."""
        line = _line(session, time.time() - time.perf_counter())
        code = "null" if close_code is None else close_code
        return self._write(escape(f'{line[:-1]},"close_code":{code}}}\n'.encode())) or 0


def _line(request: RequestRecord, clock: float) -> str:
    """The request's line of JSON, without a line end.

    `clock` is the difference between the time of day and `time.perf_counter`, in seconds. The line
    is a format string because that takes half the time of an encoder; only three of its values can
    be arbitrary text.
    """
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
    """The text as a JSON string; cached, because most requests share a few values.

    Cut the text to `MAX_TEXT` before the call: clients choose the values that the cache keeps.
    """
    value = text.decode("ascii", "backslashreplace") if isinstance(text, bytes) else text
    try:
        return orjson.dumps(value).decode()
    except TypeError:  # a lone surrogate
        return json.dumps(ascii(value))


class _Stdout:
    """Writes whole lines, and drops those that stdout does not accept.

    A request must not fail because nobody reads the log.
    """

    def __init__(self) -> None:
        self._torn = b""  # the rest of a line that was written in part

    def write(self, lines: bytes) -> int:
        """Returns the number of lines that were dropped."""
        data = left = self._torn + lines
        try:
            while left:
                left = left[os.write(STDOUT, left) :]
        except OSError:
            done = len(data) - len(left)
            is_torn = data[done - 1 : done] != b"\n" if done else bool(self._torn)
            self._torn = left[: left.index(b"\n") + 1] if is_torn else b""
            return left.count(b"\n") - is_torn
        self._torn = b""
        return 0
