"""In the shutdown, event streams end whole, and other requests that outlast it are answered."""

import asyncio

from uvicorn_pod.asgi import App, Receive, Scope, Send

from tests.support.accounted import Accounted
from tests.support.exchange import Answer, Exchange, request


def _cancel(app: App, *, is_stopping: bool) -> tuple[Answer, bytes, Accounted]:
    """Runs the app until it waits, then stops the accounting, or only cancels the task."""

    async def run() -> tuple[Answer, bytes]:
        connection = Exchange(app, accounted.accounting)
        await connection.send(request())
        (task,) = connection.state.tasks
        if is_stopping:
            accounted.accounting.stop()
            await connection.run_on()
        task.cancel()
        await connection.finish()
        return connection.answers[0], bytes(connection.transport.written)

    accounted = Accounted()
    answer, written = asyncio.run(run())
    assert not accounted.accounting.requests, "the request is still in flight"
    return answer, written, accounted


def _waiting(media_type: bytes) -> App:
    async def app(_scope: Scope, _receive: Receive, send: Send) -> None:
        headers = [(b"Content-Type", media_type)]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": b"first", "more_body": True})
        await asyncio.sleep(60)

    return app


def test_an_event_stream_gets_its_last_chunk_when_the_accounting_stops() -> None:
    answer, written, accounted = _cancel(_waiting(b"text/event-stream"), is_stopping=True)
    assert (answer.body, answer.is_whole) == (b"first", True)
    assert written.endswith(b"\r\n5\r\nfirst\r\n0\r\n\r\n")
    assert accounted.sample("uvicorn_requests_cancelled_total") == 0


def test_another_stream_continues_when_the_accounting_stops_and_is_cut_when_cancelled() -> None:
    answer, written, accounted = _cancel(_waiting(b"text/csv"), is_stopping=True)
    assert (answer.body, answer.is_whole) == (b"first", False)
    assert written.endswith(b"\r\n5\r\nfirst\r\n")
    assert accounted.sample("uvicorn_requests_cancelled_total") == 1


def test_a_request_that_has_no_answer_gets_503_when_it_is_cancelled_in_the_shutdown() -> None:
    async def app(_scope: Scope, _receive: Receive, _send: Send) -> None:
        await asyncio.sleep(60)

    answer, _, accounted = _cancel(app, is_stopping=True)
    assert (answer.status, answer.is_whole) == (503, True)
    assert accounted.sample("uvicorn_requests_cancelled_total") == 1


def test_a_request_cancelled_before_the_accounting_stops_is_left_alone() -> None:
    answer, _, accounted = _cancel(_waiting(b"text/event-stream"), is_stopping=False)
    assert (answer.body, answer.is_whole) == (b"first", False)
    assert accounted.sample("uvicorn_requests_cancelled_total") == 0
