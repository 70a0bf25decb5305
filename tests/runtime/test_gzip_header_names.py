"""Header names may be in any case, as in Django's answers, and the answer stays correct."""

import gzip
from collections.abc import Callable

import pytest
from uvicorn_pod.asgi import Message
from uvicorn_pod.gzip import GZipMiddleware

from tests.support import asgi

LARGE = b"sentinel " * 3_335 + b"\n"
Case = Callable[[bytes], bytes]
CASES: dict[str, Case] = {"lower": bytes.lower, "Title": bytes.title, "UPPER": bytes.upper}


@pytest.fixture(params=[*CASES])
def written(request: pytest.FixtureRequest) -> Case:
    return CASES[request.param]


def _sent(case: Case, body: bytes, **named: str) -> list[Message]:
    headers = [
        (case(name.replace("_", "-").encode()), value.encode()) for name, value in named.items()
    ]
    app = asgi.answering(*asgi.answer(body, headers=headers))
    return asgi.call(GZipMiddleware(app, minimum_size=1024, compresslevel=5), asgi.http_scope())


def test_a_compressed_answer_has_one_content_length(written: Case) -> None:
    sent = _sent(written, LARGE, content_length=str(len(LARGE)))
    assert asgi.fields(sent, b"content-encoding") == [b"gzip"]
    assert asgi.fields(sent, b"content-length") == [b"%d" % len(asgi.raw_body(sent))]
    assert asgi.decoded_body(sent) == LARGE


def test_what_the_app_has_compressed_is_not_compressed_again(
    written: Case,
) -> None:
    body = gzip.compress(LARGE * 1_000)
    assert len(body) > 1024
    sent = _sent(written, body, content_encoding="gzip", content_length=str(len(body)))
    assert asgi.fields(sent, b"content-encoding") == [b"gzip"]
    assert asgi.raw_body(sent) == body


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("cache_control", "public, no-transform"),
        ("content_type", "text/event-stream"),
        ("content_type", "Image/PNG"),
        ("content_type", "application/grpc+proto"),
    ],
)
def test_an_answer_not_to_be_touched_is_not(written: Case, name: str, value: str) -> None:
    sent = _sent(written, LARGE, **{name: value})
    assert asgi.fields(sent, b"content-encoding") == [], f"{name}: {value}"
    assert asgi.raw_body(sent) == LARGE, f"{name}: {value}"


def test_etag_and_vary_are_one_field_each(written: Case) -> None:
    sent = _sent(written, LARGE, etag='"a"', vary="Cookie")
    assert asgi.fields(sent, b"etag") == [b'W/"a"']
    assert asgi.fields(sent, b"vary") == [b"Cookie, Accept-Encoding"]


def test_a_304_has_the_validator_of_its_200(written: Case) -> None:
    app = asgi.answering(*asgi.answer(b"", status=304, headers=[(written(b"etag"), b'"a"')]))
    sent = asgi.call(GZipMiddleware(app), asgi.http_scope())
    assert asgi.fields(sent, b"etag") == [b'W/"a"']


def test_accept_encoding_may_be_capitalised(written: Case) -> None:
    scope = asgi.http_scope(headers=[(written(b"accept-encoding"), b"gzip")])
    sent = asgi.call(GZipMiddleware(asgi.answering(*asgi.answer(LARGE))), scope)
    assert asgi.fields(sent, b"content-encoding") == [b"gzip"]
