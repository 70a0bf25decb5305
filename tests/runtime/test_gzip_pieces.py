"""An answer in pieces: a stated length decides about compression, and no piece waits."""

import asyncio
from collections.abc import Callable

import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.base import BaseHTTPMiddleware, RequestResponseEndpoint
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from uvicorn_pod.asgi import App, Message, Receive, Scope, Send
from uvicorn_pod.gzip import GZipMiddleware
from uvicorn_pod.request_record import LENGTH_IS_KNOWN, PLAIN_BYTES

from tests.support import asgi

MINIMUM = 1024
LARGE = b"sentinel " * 1_000


def _stated(*pieces: bytes, length: int | None = None) -> list[Message]:
    size = len(b"".join(pieces)) if length is None else length
    return asgi.answer(*pieces, headers=[(b"content-length", b"%d" % size)])


def _behind_a_dispatch_function(body: bytes) -> App:
    async def respond(_request: Request) -> Response:
        return Response(body)

    async def dispatch(request: Request, call_next: RequestResponseEndpoint) -> Response:
        return await call_next(request)

    layers = [Middleware(BaseHTTPMiddleware, dispatch=dispatch)]
    return Starlette(routes=[Route("/", respond)], middleware=layers)


def _in_pieces(body: bytes) -> App:
    return asgi.answering(*_stated(body, b""))


def _in_many_pieces(body: bytes) -> App:
    return asgi.answering(*_stated(body[:3], body[3:], b""))


MAKERS = [_behind_a_dispatch_function, _in_pieces, _in_many_pieces]


@pytest.mark.parametrize("size", [5, 22, MINIMUM - 1])
@pytest.mark.parametrize("make_app", MAKERS)
def test_a_small_answer_with_a_stated_length_stays_plain(
    make_app: Callable[[bytes], App], size: int
) -> None:
    plain = asgi.call(make_app(b"x" * size), asgi.http_scope())
    assert len(plain) > 2, "the control: the app answers in pieces"
    sent = asgi.call(GZipMiddleware(make_app(b"x" * size), minimum_size=MINIMUM), asgi.http_scope())
    assert sent == plain


@pytest.mark.parametrize("size", [MINIMUM, 5_000, 200_000])
@pytest.mark.parametrize("make_app", MAKERS)
def test_a_large_answer_with_a_stated_length_is_compressed(
    make_app: Callable[[bytes], App], size: int
) -> None:
    scope = asgi.http_scope()
    sent = asgi.call(GZipMiddleware(make_app(b"x" * size), minimum_size=MINIMUM), scope)
    assert asgi.fields(sent, b"content-encoding") == [b"gzip"]
    assert asgi.decoded_body(sent) == b"x" * size
    assert scope[PLAIN_BYTES] == size
    assert scope[LENGTH_IS_KNOWN]


@pytest.mark.parametrize("make_app", [_behind_a_dispatch_function, _in_pieces])
def test_an_answer_whose_first_piece_is_all_of_it_has_a_length(
    make_app: Callable[[bytes], App],
) -> None:
    sent = asgi.call(GZipMiddleware(make_app(LARGE)), asgi.http_scope())
    assert asgi.fields(sent, b"content-length") == [b"%d" % len(asgi.raw_body(sent))]


def test_a_length_is_not_stated_next_to_chunked_or_trailers() -> None:
    chunked = [(b"Content-Length", b"5"), (b"Transfer-Encoding", b"chunked")]
    for extra, headers in (({}, chunked), ({}, chunked[1:]), ({"trailers": True}, [])):
        start, *rest = asgi.answer(LARGE, headers=headers)
        sent = asgi.call(
            GZipMiddleware(asgi.answering({**start, **extra}, *rest)), asgi.http_scope()
        )
        assert asgi.fields(sent, b"content-encoding") == [b"gzip"], extra
        assert asgi.fields(sent, b"content-length") == [], extra


@pytest.mark.parametrize("first", [b"data", b"", LARGE], ids=["small", "empty", "large"])
@pytest.mark.parametrize("length", [None, 20_000], ids=["length unknown", "length stated"])
def test_a_piece_is_sent_before_the_app_makes_the_next(first: bytes, length: int | None) -> None:
    sent: list[Message] = []
    seen: list[list[Message]] = []
    rest = b"y" * (20_000 - len(first))
    start, *pieces = asgi.answer(first, rest) if length is None else _stated(first, rest)

    async def app(_scope: Scope, _receive: Receive, send: Send) -> None:
        await send(start)
        for piece in pieces:
            await send(piece)
            seen.append(sent[:])

    scope = asgi.http_scope()
    asgi.call(GZipMiddleware(app, minimum_size=MINIMUM), scope, sent)
    assert [len(messages) for messages in seen] == [2, 3]
    assert (LENGTH_IS_KNOWN in scope) == (length is not None)
    assert asgi.fields(sent, b"content-encoding") == [b"gzip"]
    assert asgi.decoded_body(sent) == first + rest


@pytest.mark.parametrize(
    ("pieces", "problem"),
    [
        ([LARGE], "shorter"),
        ([LARGE, b""], "shorter"),
        ([LARGE, b"x" * 10_000], "longer"),
        ([b"x" * 10_001], "longer"),
        ([b"x" * 10_000, b"x"], "longer"),
    ],
)
def test_a_body_unlike_its_stated_length_is_an_error_as_without_gzip(
    pieces: list[bytes], problem: str
) -> None:
    app = GZipMiddleware(asgi.answering(*_stated(*pieces, length=10_000)))
    sent: list[Message] = []
    with pytest.raises(RuntimeError, match=f"Response content {problem} than Content-Length"):
        asgi.call(app, asgi.http_scope(), sent)
    ends = [
        message for message in sent if message["type"] == asgi.BODY and not message["more_body"]
    ]
    assert ends == [], "the client takes a part for the whole"


def test_large_pieces_are_compressed_in_a_thread_and_the_loop_runs_on() -> None:
    turns = 0

    async def count() -> None:
        nonlocal turns
        while True:
            turns += 1
            await asyncio.sleep(0)

    async def run(threshold: int) -> int:
        nonlocal turns
        counting = asyncio.create_task(count())
        await asyncio.sleep(0)
        turns = 0
        app = asgi.answering(*asgi.answer(LARGE * 100, LARGE * 100))
        middleware = GZipMiddleware(app, thread_minimum_size=threshold)
        await middleware(asgi.http_scope(), asgi.receive_nothing, _drop)
        counting.cancel()
        return turns

    assert asyncio.run(run(len(LARGE) * 100)) > 0
    assert asyncio.run(run(len(LARGE) * 100 + 1)) == 0, "the control: below the threshold"


async def _drop(_message: Message) -> None: ...
