"""A request is answered as the app says, closes its connection in a drain, and is counted once."""

import asyncio
import contextvars
from collections.abc import Iterable
from typing import Any

import pytest
from uvicorn_pod.accounting import BATCH_SECONDS
from uvicorn_pod.asgi import App, Message, Receive, Scope, Send
from uvicorn_pod.request_record import PLAIN_BYTES
from uvicorn_pod.websocket_app import WebSocketApp

from tests.support.accounted import Accounted
from tests.support.exchange import Answer, Exchange, ask_and_leave, exchange, request

CHUNKED = (b"transfer-encoding", b"chunked")


def _answering(headers: Iterable[tuple[bytes, bytes]] | None) -> App:
    async def app(_scope: Scope, _receive: Receive, send: Send) -> None:
        start: Message = {"type": "http.response.start", "status": 200, "trailers": False}
        if headers is not None:
            start["headers"] = headers
        await send(start)
        await send({"type": "http.response.body", "body": b"sentinel"})

    return app


def _answer(app: App, *, is_draining: bool) -> Answer:
    accounted = Accounted()
    accounted.accounting.is_draining = is_draining
    (answer,) = exchange(app, request(), accounting=accounted.accounting)
    assert not accounted.accounting.requests, "the request is still in flight"
    return answer


def test_an_answer_is_unchanged_when_not_draining() -> None:
    headers = [(b"connection", b"keep-alive"), (b"x-a", b"b"), (b"content-length", b"8")]
    answer = _answer(_answering(headers), is_draining=False)
    assert answer == (200, headers, b"sentinel", True)


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        (None, []),
        ([], []),
        ([(b"x-a", b"b")], [(b"x-a", b"b")]),
        (((b"x-a", b"b"), (b"X-C", b"d")), [(b"x-a", b"b"), (b"x-c", b"d")]),
        ([(b"Connection", b"keep-alive"), (b"x-a", b"b")], [(b"x-a", b"b")]),
    ],
)
def test_an_answer_gets_connection_close_while_draining_and_keeps_its_other_headers(
    headers: Iterable[tuple[bytes, bytes]] | None, expected: list[tuple[bytes, bytes]]
) -> None:
    answer = _answer(_answering(headers), is_draining=True)
    assert answer == (200, [*expected, (b"connection", b"close"), CHUNKED], b"sentinel", True)


def test_a_connection_is_closed_after_an_answer_in_a_drain_and_stays_open_otherwise() -> None:
    async def is_closed(*, is_draining: bool) -> bool:
        accounted = Accounted()
        accounted.accounting.is_draining = is_draining
        connection = Exchange(_answering([]), accounted.accounting)
        await connection.send(request())
        assert connection.answers[0].is_whole
        return connection.transport.is_closed

    assert asyncio.run(is_closed(is_draining=True))
    assert not asyncio.run(is_closed(is_draining=False))


@pytest.mark.parametrize("kind", ["websocket", "lifespan"])
def test_other_protocols_are_unchanged_while_draining(kind: str) -> None:
    sent: list[Message] = []

    async def app(scope: Scope, _receive: Receive, send: Send) -> None:
        await send({"type": f"{scope['type']}.sentinel"})

    async def receive() -> Message:
        raise AssertionError

    async def send(message: Message) -> None:
        sent.append(message)

    async def run() -> None:
        accounting = Accounted().accounting
        accounting.is_draining = True
        await WebSocketApp(app, accounting)(
            {"type": kind, "path": "/", "headers": []}, receive, send
        )

    asyncio.run(run())
    assert sent == [{"type": f"{kind}.sentinel"}]


def test_an_error_of_the_app_is_reported_answered_and_ends_the_request(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async def app(_scope: Scope, _receive: Receive, _send: Send) -> None:
        raise RuntimeError("sentinel")

    assert _answer(app, is_draining=False).status == 500
    assert "RuntimeError: sentinel" in caplog.text


def test_requests_in_flight_are_counted_until_they_end() -> None:
    accounted = Accounted()
    seen = []

    async def app(_scope: Scope, _receive: Receive, send: Send) -> None:
        seen.append(accounted.sample("uvicorn_requests_in_flight"))
        await send({"type": "http.response.start", "status": 204})
        await send({"type": "http.response.body"})
        seen.append(accounted.sample("uvicorn_requests_in_flight"))

    exchange(app, request(), accounting=accounted.accounting)
    assert seen == [1, 0]


@pytest.mark.parametrize("plain_bytes", [None, 100])
def test_bytes_are_counted_as_sent_and_before_gzip(plain_bytes: int | None) -> None:
    async def app(scope: Scope, _receive: Receive, send: Send) -> None:
        if plain_bytes is not None:
            scope[PLAIN_BYTES] = plain_bytes
        await send({"type": "http.response.start", "status": 200})
        await send({"type": "http.response.body", "body": b"1234", "more_body": True})
        await send({"type": "http.response.body", "body": b"5"})

    accounted = Accounted()
    exchange(app, request(), accounting=accounted.accounting)
    assert accounted.sample("uvicorn_response_bytes_total") == 5
    assert accounted.sample("uvicorn_response_plain_bytes_total") == (plain_bytes or 5)


def test_finished_requests_are_counted_and_logged_together() -> None:
    async def run() -> None:
        connection = Exchange(_answering([]), accounted.accounting)
        for _ in range(3):
            await connection.send(request())
            await connection.finish()
        assert accounted.written == []
        await asyncio.sleep(BATCH_SECONDS * 2)  # it calls back within BATCH_SECONDS

    accounted = Accounted()
    asyncio.run(run())
    assert [len(lines.splitlines()) for lines in accounted.written] == [3]
    labels = {"method": "GET", "route": "unmatched", "status": "2xx"}
    assert accounted.sample("uvicorn_requests_total", **labels) == 3


async def _give_up(_scope: Scope, _receive: Receive, _send: Send) -> None: ...


async def _fail(_scope: Scope, _receive: Receive, _send: Send) -> None:
    raise ZeroDivisionError


@pytest.mark.parametrize("end", [_give_up, _fail])
@pytest.mark.parametrize(("is_gone", "status"), [(True, 499), (False, 500)])
def test_a_client_that_leaves_before_the_answer_gets_499(
    end: App, is_gone: bool, status: int
) -> None:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await has_left.wait()
        await end(scope, receive, send)

    accounted, has_left = Accounted(), asyncio.Event()
    connection = ask_and_leave(app, accounted.accounting, request(), has_left, leaves=is_gone)
    asyncio.run(connection)
    (line,) = accounted.lines()
    assert line["status"] == status
    labels = {"method": "GET", "route": "unmatched", "status": f"{status // 100}xx"}
    assert accounted.sample("uvicorn_requests_total", **labels) == 1


def test_a_head_request_counts_no_sent_bytes() -> None:
    accounted = Accounted()
    requests = [request(method="HEAD"), request()]
    head, get = exchange(_answering([]), *requests, accounting=accounted.accounting)
    assert (head.body, get.body) == (b"", b"sentinel")
    assert [line["bytes"] for line in accounted.lines()] == [0, len(b"sentinel")]
    assert accounted.sample("uvicorn_response_bytes_total") == len(b"sentinel")


@pytest.mark.parametrize("odd", [{"client": (None, 0)}, {"fastapi": "x"}, {"method": "GET"}])
def test_an_odd_scope_does_not_stop_the_answer_or_the_log_of_other_requests(
    odd: dict[str, Any],
) -> None:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["method"] == "HEAD":
            scope.update(odd)
        await _answering([])(scope, receive, send)

    accounted = Accounted()
    requests = [request(method="HEAD"), request()]
    answers = exchange(app, *requests, accounting=accounted.accounting)
    assert [answer.body for answer in answers] == [b"", b"sentinel"]
    assert [line["status"] for line in accounted.lines()] == [200, 200]


def test_a_status_that_is_not_a_number_counts_as_500() -> None:
    async def app(_scope: Scope, _receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": "200", "headers": []})

    accounted = Accounted()
    assert exchange(app, request(), accounting=accounted.accounting) == [], "an answer with no head"
    (line,) = accounted.lines()
    assert line["status"] == 500


def test_a_context_variable_that_the_app_sets_does_not_reach_the_next_request() -> None:
    variable = contextvars.ContextVar("variable", default="unset")
    seen = []

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        seen.append(variable.get())
        variable.set("set")
        await _answering([])(scope, receive, send)

    exchange(app, request(), request())
    assert seen == ["unset"] * 2
