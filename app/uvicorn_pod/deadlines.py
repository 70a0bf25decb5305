"""Deadlines of a request: --request-seconds for its answer, --body-seconds for its body.

An answer that has begun has no deadline, because it may be a stream. Connections are checked once a
second, so a deadline costs nothing per request and is up to a second late.
"""

from dataclasses import dataclass
from time import perf_counter
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from uvicorn_pod.http_request import HTTPRequest


@dataclass(frozen=True)
class Deadlines:
    """The deadlines in seconds; 0 means none."""

    request_seconds: float
    body_seconds: float

    def is_answer_overdue(self, request: "HTTPRequest") -> bool:
        """Whether the app has had the request for too long without starting an answer."""
        return self._is_over(request, self.request_seconds)

    def is_body_overdue(self, request: "HTTPRequest") -> bool:
        """Whether the client has not sent the whole body in time, and has no answer yet."""
        return request.more_body and self._is_over(request, self.body_seconds)

    @staticmethod
    def _is_over(request: "HTTPRequest", seconds: float) -> bool:
        if not seconds or request.is_started:
            return False
        return perf_counter() - request.received > seconds
