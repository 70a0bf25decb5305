"""The facts about one finished request, for the metrics and for the access log."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from uvicorn_pod.trace_context import Trace

# The key in the scope of a request that was refused while the app read its body: the status.
REFUSED = "uvicorn_pod.refused"


class RequestRecord(NamedTuple):
    """One finished request.

    `started` and `ended` are values of `time.perf_counter`, in seconds. `path` is percent-encoded,
    as the client sent it. `sent_bytes` is the size of the response body as sent, `plain_bytes` its
    size before compression.
    """

    method: str
    path: bytes
    client: Sequence[Any] | None
    route: str
    trace: Trace
    started: float
    ended: float
    status: int
    sent_bytes: int
    plain_bytes: int
    is_stream: bool
