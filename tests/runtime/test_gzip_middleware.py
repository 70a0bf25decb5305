"""The middleware replaces Starlette's, and is right where RFC 9110 asks for more."""

import asyncio
import gzip
from collections.abc import AsyncIterator
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.gzip import GZipMiddleware as StarletteGZipMiddleware
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route
from starlette.testclient import TestClient
from starlette.types import Message, Send
from uvicorn_pod.accept_encoding import preferred_coding
from uvicorn_pod.gzip import GZipMiddleware
from uvicorn_pod.request_record import PLAIN_BYTES

GZIP = {"accept-encoding": "gzip"}
LARGE = b"sentinel " * 200


def _client(response: Response, *middleware: Middleware, **parameters: Any) -> TestClient:
    async def answer(_request: Request) -> Response:
        return response

    layers = [Middleware(GZipMiddleware, **parameters), *middleware]
    app = Starlette(routes=[Route("/", answer, methods=["GET"])], middleware=layers)
    return TestClient(app)


@pytest.mark.parametrize(
    ("value", "is_accepted"),
    [
        ("gzip", True),
        ("GZip", True),
        ("x-gzip", True),
        ("gzip, deflate, br, zstd", True),
        ("deflate, gzip;q=0.1", True),
        ("*", True),
        ("*;q=0.5", True),
        ("gzip ; q=1.000", True),
        ("identity;q=0.5, gzip;q=1.0, *;q=0", True),
        ("gzip, identity", True),
        ("gzip;q=0", False),
        ("gzip;q=0.000", False),
        ("gzip;q=0, *", False),
        ("*;q=0", False),
        ("identity", False),
        ("identity, gzip;q=0.5", False),
        ("br", False),
        ("", False),
        ("not-gzip", False),
        ("gzip;q=2", False),
        ("gzip;q=-1", False),
        ("gzip;q=nan", False),
        ("gzip;level=9", False),
        ("gzip;q=", False),
        (", ,gzip,", True),
        ("gzip;q=0," + "x" * 200, False),
        ("gzip," + "x" * 200, True),
    ],
)
def test_gzip_is_accepted_as_the_field_says(value: str, is_accepted: bool) -> None:
    assert preferred_coding(value.encode(), ("gzip",)) == ("gzip" if is_accepted else None)
    answer = _client(Response(LARGE), zstd=False).get("/", headers={"accept-encoding": value})
    assert ("content-encoding" in answer.headers) == is_accepted
    assert answer.headers["vary"] == "Accept-Encoding"
    assert answer.content == LARGE


def test_a_field_in_two_lines_is_read_as_one() -> None:
    lines = [("accept-encoding", "br"), ("accept-encoding", "gzip;q=0")]
    answer = _client(Response(LARGE)).get("/", headers=lines)
    assert "content-encoding" not in answer.headers


@pytest.mark.parametrize(
    ("etag", "encoding", "expected"),
    [
        ('"a"', "gzip", 'W/"a"'),
        ('W/"a"', "gzip", 'W/"a"'),
        ('"a"', "identity", '"a"'),
    ],
)
def test_a_strong_etag_becomes_weak_when_the_bytes_change(
    etag: str, encoding: str, expected: str
) -> None:
    client = _client(Response(LARGE, headers={"etag": etag}))
    assert client.get("/", headers={"accept-encoding": encoding}).headers["etag"] == expected


def test_a_304_bears_the_validator_and_vary_of_its_200() -> None:
    client = _client(Response(status_code=304, headers={"etag": '"a"'}), minimum_size=0)
    answer = client.get("/", headers=GZIP)
    assert (answer.headers["etag"], answer.headers["vary"]) == ('W/"a"', "Accept-Encoding")
    plain = client.get("/", headers={"accept-encoding": "identity"})
    assert (plain.headers["etag"], plain.headers["vary"]) == ('"a"', "Accept-Encoding")


@pytest.mark.parametrize(
    ("known", "expected"),
    [
        ('"a"', '"a"'),
        ('W/"a"', 'W/"a"'),
        ('"b", W/"a,b","a"', '"a"'),
        ('"a", W/"a"', 'W/"a"'),
        ('"b"', 'W/"a"'),
        ("*", 'W/"a"'),
    ],
)
def test_a_304_keeps_the_etag_of_a_200_that_was_not_compressed(known: str, expected: str) -> None:
    client = _client(Response(status_code=304, headers={"etag": '"a"'}))
    answer = client.get("/", headers={**GZIP, "if-none-match": known})
    assert answer.headers["etag"] == expected, f"If-None-Match: {known}"
    assert answer.headers["vary"] == "Accept-Encoding", "the 200 may have been compressed"


@pytest.mark.parametrize(
    ("status", "headers", "varies"),
    [
        (200, {"content-encoding": "br", "etag": '"a"'}, False),
        (200, {"cache-control": "public, No-Transform"}, False),
        (200, {"content-type": "image/png"}, False),
        (206, {"content-range": "bytes 0-1799/9999", "etag": '"a"'}, True),
        (206, {"content-type": "video/mp4"}, False),
    ],
)
def test_an_answer_not_to_be_touched_is_not(
    status: int, headers: dict[str, str], varies: bool
) -> None:
    client = _client(Response(LARGE, status, headers))
    with client.stream("GET", "/", headers=GZIP) as answer:
        raw = b"".join(answer.iter_raw())
    assert raw == LARGE
    assert headers.items() <= answer.headers.items()
    assert answer.headers["content-length"] == str(len(LARGE))
    assert ("vary" in answer.headers) == varies


@pytest.mark.parametrize(
    ("size", "varies"), [(499, False), (500, True)], ids=["too small", "large enough"]
)
def test_vary_is_there_when_the_answer_could_have_differed(size: int, varies: bool) -> None:
    client = _client(Response(b"x" * size))
    for encoding in ("gzip", "identity"):
        answer = client.get("/", headers={"accept-encoding": encoding})
        assert ("vary" in answer.headers) == varies
        assert ("content-encoding" in answer.headers) == (varies and encoding == "gzip")


@pytest.mark.parametrize(
    ("vary", "expected"),
    [
        ("Origin", "Origin, Accept-Encoding"),
        ("accept-encoding", "Accept-Encoding"),
        ("*", "*"),
    ],
)
def test_a_vary_of_the_app_is_kept_and_not_repeated(vary: str, expected: str) -> None:
    answer = _client(Response(LARGE, headers={"vary": vary})).get("/", headers=GZIP)
    assert answer.headers.get_list("vary") == [expected]


@pytest.mark.parametrize("body", [LARGE, b""], ids=["with the body of GET", "without a body"])
@pytest.mark.parametrize("encoding", ["gzip", "identity"])
def test_head_has_the_fields_of_get(body: bytes, encoding: str) -> None:
    headers = {"etag": '"a"', "content-length": str(len(LARGE))}
    asked = {"accept-encoding": encoding}
    client = _client(Response(body, headers=headers))
    head = client.head("/", headers=asked)
    get = _client(Response(LARGE, headers=headers)).get("/", headers=asked)
    differing = {name for name in get.headers if get.headers[name] != head.headers.get(name)}
    assert differing == ({"content-length"} if encoding == "gzip" else set())
    assert "content-length" in head.headers or encoding == "gzip"


def test_head_of_a_small_answer_is_left_alone() -> None:
    answer = _client(Response(b"small")).head("/", headers=GZIP)
    assert answer.headers["content-length"] == "5"
    assert {"content-encoding", "vary"}.isdisjoint(answer.headers)


@pytest.mark.parametrize("inner", [GZipMiddleware, StarletteGZipMiddleware])
def test_an_app_with_its_own_gzip_is_not_compressed_twice(
    inner: type[StarletteGZipMiddleware],
) -> None:
    client = _client(Response(LARGE), Middleware(inner), minimum_size=0)
    answer = client.get("/", headers=GZIP)
    assert answer.headers.get_list("content-encoding") == ["gzip"]
    assert answer.content == LARGE


@pytest.mark.parametrize("media_type", ["text/event-stream", "text/plain"])
def test_each_chunk_of_a_stream_leaves_at_once(media_type: str) -> None:
    sent: list[Message] = []
    seen: list[int] = []

    async def chunks() -> AsyncIterator[bytes]:
        for _ in range(3):
            yield b"data: sentinel\n\n"
            seen.append(sum(bool(message.get("body")) for message in sent))

    async def run() -> None:
        scope = {"type": "http", "method": "GET", "headers": [(b"accept-encoding", b"gzip")]}

        async def send(message: Message) -> None:
            sent.append(message)

        async def receive() -> Message:
            await asyncio.sleep(60)
            return {"type": "http.disconnect"}

        await GZipMiddleware(StreamingResponse(chunks(), media_type=media_type))(
            scope, receive, send
        )

    asyncio.run(run())
    assert seen == [1, 2, 3]
    body = b"".join(message.get("body", b"") for message in sent)
    is_encoded = media_type == "text/plain"
    assert (gzip.decompress(body) if is_encoded else body) == b"data: sentinel\n\n" * 3


def test_an_answer_may_lack_headers_and_body_and_is_not_changed_in_place() -> None:
    start: Message = {"type": "http.response.start", "status": 200}
    end: Message = {"type": "http.response.body"}
    sent: list[Message] = []

    async def app(_scope: object, _receive: object, send: Send) -> None:
        await send(start)
        await send(end)

    async def send(message: Message) -> None:
        sent.append(message)

    async def receive() -> Message:
        return {"type": "http.disconnect"}

    scope: dict[str, Any] = {
        "type": "http",
        "method": "GET",
        "headers": [(b"accept-encoding", b"gzip")],
    }
    asyncio.run(GZipMiddleware(app, minimum_size=0)(scope, receive, send))
    assert gzip.decompress(sent[1]["body"]) == b""
    assert (set(start), set(end)) == ({"type", "status"}, {"type"})
    assert scope[PLAIN_BYTES] == 0
