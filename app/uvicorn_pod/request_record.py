"""What is known of a request once it has ended."""

from typing import NamedTuple

from uvicorn_pod.trace_context import Trace


class RequestRecord(NamedTuple):
    """Times are those of `time.perf_counter`, in seconds; the bytes are those of its body."""

    method: str
    path: bytes
    client: tuple[str, int] | None
    route: str
    trace: Trace
    started: float
    ended: float
    status: int
    sent_bytes: int
    plain_bytes: int
    is_stream: bool
