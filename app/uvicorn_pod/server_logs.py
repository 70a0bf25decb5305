"""The server's and the app's log lines, as JSON. For the line of each request see access_log.py."""

import json
import logging
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from uvicorn_pod import trace_context
from uvicorn_pod.log_escaping import encode, escape

logger = logging.getLogger("uvicorn.error")

_STANDARD = set(vars(logging.makeLogRecord({}))) | {"message", "asctime", "color_message"}

# For logging.config. The app's log lines reach the root logger.
CONFIG: dict[str, Any] = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"json": {"()": "uvicorn_pod.server_logs.JSONFormatter"}},
    "handlers": {"json": {"class": "logging.StreamHandler", "formatter": "json"}},
    "root": {"handlers": ["json"], "level": "INFO"},
    "loggers": {"uvicorn": {"level": "INFO"}, "uvicorn.error": {"level": "INFO"}},
}


def is_not_about_websocket(record: logging.LogRecord) -> bool:
    """A filter that drops the lines that uvicorn logs for each handshake, with its query.

    The access log has its own line for each WebSocket.
    """
    return not (record.levelno == logging.INFO and '"WebSocket ' in str(record.msg))


class JSONFormatter(logging.Formatter):
    """Formats a record with the fields of its `extra=` and the id of the current trace."""

    def format(self, record: logging.LogRecord) -> str:
        """Returns one line of JSON, without a line end."""
        entry: dict[str, Any] = {
            "time": datetime.fromtimestamp(record.created, UTC),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
        }
        if (trace := trace_context.current.get()) is not None:
            entry["trace_id"], _ = trace.ids
        if record.exc_info:
            entry["exception"] = self.formatException(record.exc_info)
        if record.stack_info:
            entry["stack"] = record.stack_info
        for name in vars(record).keys() - _STANDARD:
            entry.setdefault(name, vars(record)[name])
        return escape(encode(entry)).decode()


def warn_if_replaced() -> None:
    """Warns if the app's setup of `logging` has turned the lines on stderr into text.

    Call it once, when the app has started, if the setup was CONFIG before.
    """
    handlers = list(_handlers(logger))
    if not any(_writes_json(handler) for handler in handlers) or any(
        _is_on_stderr(handler) and not _writes_json(handler) for handler in handlers
    ):
        logger.warning(
            "The app's logging setup has replaced uvicorn-pod's, so stderr is not JSON. Make the "
            "app leave the root logger's handlers alone, or set --access-log-format=text."
        )


def _handlers(source: logging.Logger) -> Iterator[logging.Handler]:
    """The handlers that write the lines of a logger; for a queue, those of its listener."""
    current: logging.Logger | None = source
    while current is not None:
        for handler in current.handlers:
            listener = getattr(handler, "listener", None)
            yield from getattr(listener, "handlers", [handler])
        current = current.parent if current.propagate else None


def _is_on_stderr(handler: logging.Handler) -> bool:
    stream = getattr(handler, "stream", None)
    return stream is not None and stream in (sys.stderr, sys.__stderr__)


def _writes_json(handler: logging.Handler) -> bool:
    try:
        json.loads(handler.format(logging.makeLogRecord({"msg": "message", "levelname": "INFO"})))
    except Exception:  # noqa: BLE001 - a formatter of the app may do anything
        return False
    return True
