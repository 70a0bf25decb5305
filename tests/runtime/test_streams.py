"""A stream is timed apart from ordinary requests, however middleware cuts their answers."""

import asyncio
import gzip

import pytest
from uvicorn_pod import request_record
from uvicorn_pod.asgi import App, Receive, Scope, Send
from uvicorn_pod.request_record import LENGTH_IS_KNOWN

from tests.runtime.reported import access_lines, sample
from tests.support.accounted import Accounted
from tests.support.exchange import exchange, request
from tests.support.http_client import Client
from tests.support.serving import serving

IN_PIECES = "tests.runtime.answering:in_pieces"


def _timed(app: App) -> list[str]:
    """Calls the app once; returns the kinds of histogram that count its answer."""
    accounted = Accounted()
    exchange(app, request(), accounting=accounted.accounting)
    labels = {"method": "GET", "route": "unmatched"}
    return [
        kind
        for kind in ("request", "stream")
        if accounted.sample(f"uvicorn_{kind}_duration_seconds_count", **labels)
    ]


SHORT, LONG = 0.0, 0.1


@pytest.mark.parametrize(
    ("headers", "is_known", "seconds", "expected"),
    [
        ([], False, SHORT, "request"),
        ([], False, LONG, "stream"),
        ([], True, LONG, "request"),
        ([(b"Content-Length", b"10")], False, LONG, "request"),
        ([(b"content-type", b"text/event-stream; charset=utf-8")], False, SHORT, "stream"),
    ],
    ids=["short", "long", "length known before gzip", "length stated", "events"],
)
def test_an_answer_in_pieces_is_a_stream_if_it_is_long_or_sends_events(
    monkeypatch: pytest.MonkeyPatch,
    headers: list[tuple[bytes, bytes]],
    is_known: bool,
    seconds: float,
    expected: str,
) -> None:
    async def app(scope: Scope, _receive: Receive, send: Send) -> None:
        if is_known:
            scope[LENGTH_IS_KNOWN] = True
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": b"12345", "more_body": True})
        await asyncio.sleep(seconds)
        await send({"type": "http.response.body", "body": b"67890"})

    monkeypatch.setattr(request_record, "STREAM_SECONDS", 0.05)
    assert _timed(app) == [expected]


def test_an_answer_that_waits_long_and_then_comes_in_one_piece_is_not_a_stream(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def app(_scope: Scope, _receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200})
        await asyncio.sleep(0.1)
        await send({"type": "http.response.body", "body": b"12345"})

    monkeypatch.setattr(request_record, "STREAM_SECONDS", 0.05)
    assert _timed(app) == ["request"]


def test_compressed_answers_behind_a_middleware_are_timed_as_requests_and_streams_as_streams() -> (
    None
):
    with serving(IN_PIECES, "--gzip") as served, Client(served.port) as client:
        answer = client.get("/text", accept_encoding="gzip")
        assert answer.headers["content-encoding"] == "gzip"
        assert gzip.decompress(answer.body) == b"sentinel " * 2_000
        client.get("/drip?seconds=1.2", accept_encoding="gzip")
        access_lines(served, 2)
        counts = {
            (route, kind): sample(served, f"uvicorn_{kind}_duration_seconds_count", route=route)
            for route in ("/text", "/drip")
            for kind in ("request", "stream")
        }
        assert counts == {
            ("/text", "request"): 1,
            ("/text", "stream"): 0,
            ("/drip", "request"): 0,
            ("/drip", "stream"): 1,
        }
