"""Deadlines of a request: --request-seconds for its answer, --body-seconds for its body.

An answer that has begun has no deadline, because it may be a stream. Requests are checked once a
second, so a deadline costs nothing per request and is up to a second late.
"""

from dataclasses import dataclass
from time import perf_counter
from typing import TYPE_CHECKING

from uvicorn_pod.request_record import ANSWER_HELD_BACK

if TYPE_CHECKING:
    from uvicorn_pod.http_request import HTTPRequest


@dataclass(frozen=True)
class Deadlines:
    """The deadlines in seconds; 0 means none."""

    request_seconds: float
    body_seconds: float

    def is_answer_overdue(self, request: "HTTPRequest") -> bool:
        """Whether the app has had the request for too long without starting an answer."""
        if request.is_started or request.refused_status is not None:
            return False  # a refused one has been answered with 408, for example
        is_held_back = ANSWER_HELD_BACK in request.scope
        return not is_held_back and _is_over(self.request_seconds, request.began)

    def is_body_overdue(self, request: "HTTPRequest") -> bool:
        """Whether the client has not sent the whole body in time, and has no answer yet."""
        is_waiting = request.more_body and not request.is_started
        return is_waiting and _is_over(self.body_seconds, request.body_began or request.began)


def _is_over(seconds: float, began: float) -> bool:
    return bool(seconds) and perf_counter() - began > seconds
