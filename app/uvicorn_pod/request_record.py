"""The facts about one finished request, for the metrics and for the access log."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from uvicorn_pod.asgi import Scope
from uvicorn_pod.route_template import UNMATCHED
from uvicorn_pod.trace_context import Trace

if TYPE_CHECKING:
    from uvicorn_pod.http_request import HTTPRequest

# Keys in the scope that uvicorn_pod.gzip sets: the size of the body before compression, that the
# app had stated it, and that the app has started an answer whose first bytes are not sent yet.
PLAIN_BYTES = "uvicorn_pod.plain_bytes"
LENGTH_IS_KNOWN = "uvicorn_pod.length_is_known"
ANSWER_HELD_BACK = "uvicorn_pod.answer_is_held_back"
STREAM_SECONDS = 1.0
CLIENT_CLOSED = 499

_ADDRESS = (tuple, list, type(None))


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


def record_of(request: "HTTPRequest", find_route: Callable[[Scope], str]) -> RequestRecord:
    """The record of a request that has ended. It does not hold the scope, which is large.

    An unusual scope may raise any error here, but not in `safe_record_of`.
    """
    scope = request.scope
    ended = request.ended
    method = scope["method"]
    # Percent-encoded, as the client sent it: the decoded path may be anything.
    path = scope.get("raw_path") or scope["path"].encode()
    client = scope.get("client")
    if not (isinstance(method, str) and isinstance(path, bytes) and isinstance(client, _ADDRESS)):
        raise TypeError(f"method {method!r}, path {path!r}, client {client!r}")
    status = request.status
    if not (request.response_complete and isinstance(status, int)):
        status = _counted_status(request)
    sent_bytes = 0 if request.is_head else request.sent_bytes
    return RequestRecord(
        method,
        path,
        client,
        find_route(scope),
        request.trace,
        request.received,
        ended,
        status,
        sent_bytes,
        scope.get(PLAIN_BYTES, sent_bytes),
        (request.is_in_pieces or not request.is_whole) and _is_stream(request, ended),
    )


def safe_record_of(request: "HTTPRequest") -> RequestRecord:
    """The record with placeholders for what may be unusual: for after an error of `record_of`."""
    method, path = request.scope.get("method"), request.scope.get("raw_path")
    return RequestRecord(
        method if isinstance(method, str) else "?",
        path if isinstance(path, bytes) else b"?",
        None,
        UNMATCHED,
        request.trace,
        request.received,
        request.ended,
        request.status if isinstance(request.status, int) else 500,
        request.sent_bytes,
        request.sent_bytes,
        is_stream=False,
    )


def _is_stream(request: "HTTPRequest", ended: float) -> bool:
    """Whether an answer in pieces is a stream, so that its time tells nothing about latency.

    Middleware also splits ordinary answers into pieces, but sends them within a short time.
    """
    if request.has_event_type():
        return True
    is_length_known = LENGTH_IS_KNOWN in request.scope or request.field(b"content-length")
    is_long = request.is_started and ended - request.started_answer > STREAM_SECONDS
    return is_long and not is_length_known


def _counted_status(request: "HTTPRequest") -> int:
    """The status of the answer; 499, as proxies log it, if the client left before its end.

    An event stream keeps its status, because it is the client that ends it. If the server has
    refused the body while the app read it, the status is that of the refusal.
    """
    if request.refused_status is not None:
        return request.refused_status
    is_cut = request.disconnected and not request.response_complete
    if is_cut and not (request.has_event_type() or _has_client_all(request)):
        return CLIENT_CLOSED
    return request.status if isinstance(request.status, int) else 500  # uvicorn answers 500 too


def _has_client_all(request: "HTTPRequest") -> bool:
    """Whether the client has the whole answer, although it left before the app said so."""
    has_no_body = request.is_head or request.status in (204, 304)
    stated = request.field(b"content-length")
    is_all = has_no_body or stated == b"%d" % request.sent_bytes
    return request.response_started and is_all
