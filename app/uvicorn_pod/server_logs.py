"""The server's and the app's log lines, as JSON. For the line of each request see access_log.py."""

import logging
from datetime import UTC, datetime
from typing import Any

from uvicorn_pod import trace_context
from uvicorn_pod.json_lines import encode, escape

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
