"""The middleware takes every message and scope that ASGI allows, and leaves errors alone."""

import asyncio
from collections.abc import Callable, Iterable
from typing import Any

import pytest
from uvicorn_pod.asgi import Message, Receive, Scope, Send
from uvicorn_pod.gzip import GZipMiddleware
from uvicorn_pod.request_record import ANSWER_HELD_BACK

from tests.support import asgi

LARGE = b"sentinel " * 1_000
PATH = {"type": "http.response.pathsend", "path": "/sentinel"}
FILE = {"type": "http.response.zerocopysend", "file": 3, "count": 9000}
HINT = {"type": "http.response.early_hint", "links": [b"</a.css>; rel=preload"]}
DEBUG = {"type": "http.response.debug", "info": {"template": "sentinel"}}
TRAILERS = {"type": "http.response.trailers", "headers": [(b"x", b"y")]}
UNKNOWN = {"type": "http.response.sentinel", "data": b"part of a body"}
HEADERS = [(b"Content-Type", b"text/plain"), (b"Content-Length", b"9000"), (b"ETag", b'"a"')]


@pytest.mark.parametrize("message", [PATH, FILE, UNKNOWN])
@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_a_file_sent_by_the_server_is_not_announced_as_gzip(method: str, message: Message) -> None:
    start: Message = {"type": asgi.START, "status": 200, "headers": HEADERS}
    sent = asgi.call(GZipMiddleware(asgi.answering(start, message)), asgi.http_scope(method=method))
    assert sent == [start, message]


def test_an_answer_that_mixes_pieces_and_files_passes_unchanged() -> None:
    start, first, last = asgi.answer(LARGE, b"")
    messages = [start, first, FILE, last]
    scope = asgi.http_scope(extensions={"http.response.zerocopysend": {}})
    assert asgi.call(GZipMiddleware(asgi.answering(*messages)), scope) == messages


@pytest.mark.parametrize("message", [PATH, FILE])
def test_a_file_after_a_compressed_piece_is_an_error_and_not_sent(message: Message) -> None:
    start, first, last = asgi.answer(LARGE, b"")
    sent: list[Message] = []
    with pytest.raises(RuntimeError, match=message["type"]):
        asgi.call(
            GZipMiddleware(asgi.answering(start, first, message, last)), asgi.http_scope(), sent
        )
    assert [one["type"] for one in sent] == [asgi.START, asgi.BODY]


@pytest.mark.parametrize("message", [HINT, DEBUG, UNKNOWN])
def test_a_message_before_the_start_passes_and_the_answer_is_compressed(message: Message) -> None:
    sent = asgi.call(
        GZipMiddleware(asgi.answering(message, *asgi.answer(LARGE))), asgi.http_scope()
    )
    assert sent[0] == message
    assert asgi.fields(sent, b"content-encoding") == [b"gzip"]
    assert asgi.decoded_body(sent) == LARGE


def test_other_messages_keep_their_place_in_a_compressed_answer() -> None:
    start, first, last = asgi.answer(LARGE, LARGE)
    start["trailers"] = True
    sent = asgi.call(
        GZipMiddleware(asgi.answering(start, first, DEBUG, last, TRAILERS)), asgi.http_scope()
    )
    assert [one["type"] for one in sent] == [
        asgi.START,
        asgi.BODY,
        DEBUG["type"],
        asgi.BODY,
        TRAILERS["type"],
    ]
    assert asgi.decoded_body(sent) == LARGE * 2


def test_a_message_after_the_end_reaches_the_server_which_refuses_it() -> None:
    late = {"type": asgi.BODY, "body": b"sentinel"}
    sent = asgi.call(GZipMiddleware(asgi.answering(*asgi.answer(LARGE), late)), asgi.http_scope())
    assert sent[-1] == late


@pytest.mark.parametrize("size", [9_000, 10])
def test_scope_tells_that_the_start_of_an_answer_is_held_back(size: int) -> None:
    """A deadline for the start of the answer must not end it."""
    scope = asgi.http_scope()
    start = {"type": asgi.START, "status": 200, "headers": [(b"content-length", b"%d" % size)]}
    sent = asgi.call(GZipMiddleware(asgi.answering(start)), scope)
    is_held_back = not sent
    assert is_held_back == (size > 500), f"a start with {size} bytes: sent {sent}"
    assert scope.get(ANSWER_HELD_BACK, False) == is_held_back, f"{size} bytes: scope {scope}"


@pytest.mark.parametrize("status", [204, 205, 304])
def test_an_answer_that_has_no_body_gets_none(status: int) -> None:
    app = GZipMiddleware(asgi.answering(*asgi.answer(b"", status=status)), minimum_size=0)
    sent = asgi.call(app, asgi.http_scope())
    assert asgi.raw_body(sent) == b""
    assert asgi.fields(sent, b"content-encoding") == []


def test_a_body_may_be_missing_and_other_keys_are_kept() -> None:
    start, first, _ = asgi.answer(LARGE, b"")
    first["sentinel"] = 1
    sent = asgi.call(
        GZipMiddleware(asgi.answering(start, first, {"type": asgi.BODY})), asgi.http_scope()
    )
    assert asgi.decoded_body(sent) == LARGE
    assert sent[1]["sentinel"] == 1


@pytest.mark.parametrize("collect", [list, tuple, iter])
@pytest.mark.parametrize("body", [LARGE, b"small"])
def test_headers_may_be_any_iterable(
    collect: Callable[[list[tuple[bytes, bytes]]], Iterable[tuple[bytes, bytes]]], body: bytes
) -> None:
    seen: list[object] = []

    async def app(scope: Scope, _receive: Receive, send: Send) -> None:
        seen.extend(scope["headers"])
        headers = collect([(b"X-Sentinel", b"1")])
        await send({"type": asgi.START, "status": 200, "headers": headers})
        await send({"type": asgi.BODY, "body": body})

    sent = asgi.call(GZipMiddleware(app), asgi.http_scope(headers=collect(asgi.GZIP)))
    assert seen == asgi.GZIP, "the app sees the headers of the request"
    assert asgi.fields(sent, b"x-sentinel") == [b"1"]
    assert asgi.fields(sent, b"content-encoding") == ([b"gzip"] if body == LARGE else [])
    assert asgi.decoded_body(sent) == body


@pytest.mark.parametrize("scope", [{"type": "http"}, {"type": "http", "headers": asgi.GZIP}])
def test_a_scope_may_lack_everything_but_its_type(scope: dict[str, Any]) -> None:
    is_accepted = "headers" in scope
    sent = asgi.call(GZipMiddleware(asgi.answering(*asgi.answer(LARGE))), scope)
    assert asgi.fields(sent, b"content-encoding") == ([b"gzip"] if is_accepted else [])
    assert asgi.decoded_body(sent) == LARGE


@pytest.mark.parametrize("kind", ["lifespan", "websocket", "sentinel"])
def test_other_scopes_reach_the_app_untouched(kind: str) -> None:
    seen: list[object] = []

    async def app(*arguments: object) -> None:
        seen.extend(arguments)

    async def send(_message: Message) -> None: ...

    scope = {"type": kind}
    asyncio.run(GZipMiddleware(app)(scope, asgi.receive_nothing, send))
    assert seen == [scope, asgi.receive_nothing, send]


@pytest.mark.parametrize("sent_before", range(3))
def test_an_error_of_the_app_is_raised_and_ends_nothing(sent_before: int) -> None:
    async def app(_scope: Scope, _receive: Receive, send: Send) -> None:
        for message in asgi.answer(LARGE, LARGE, b"")[:sent_before]:
            await send(message)
        raise LookupError("sentinel")

    sent: list[Message] = []
    with pytest.raises(LookupError, match="sentinel"):
        asgi.call(GZipMiddleware(app), asgi.http_scope(), sent)
    assert all(message.get("more_body", True) for message in sent)


@pytest.mark.parametrize("threshold", [1, 1_000_000], ids=["in a thread", "on the loop"])
def test_an_error_of_the_server_reaches_the_app(threshold: int) -> None:
    caught: list[OSError] = []

    async def app(_scope: Scope, _receive: Receive, send: Send) -> None:
        try:
            for message in asgi.answer(LARGE, LARGE):
                await send(message)
        except OSError as error:
            caught.append(error)

    async def send(_message: Message) -> None:
        raise OSError("the client has gone")

    async def run() -> None:
        middleware = GZipMiddleware(app, thread_minimum_size=threshold)
        await middleware(asgi.http_scope(), asgi.receive_nothing, send)

    asyncio.run(run())
    assert len(caught) == 1


def test_a_cancelled_request_ends_at_once_while_a_thread_compresses() -> None:
    async def run() -> None:
        async def send(_message: Message) -> None: ...

        middleware = GZipMiddleware(asgi.answering(*asgi.answer(LARGE * 3_000)), compresslevel=9)
        task = asyncio.create_task(middleware(asgi.http_scope(), asgi.receive_nothing, send))
        await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(run())
