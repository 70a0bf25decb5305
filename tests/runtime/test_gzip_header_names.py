"""Header names may be in any case, as in Django's answers, and the answer stays correct."""

import gzip
from collections.abc import Callable

import pytest
from uvicorn_pod.asgi import Message
from uvicorn_pod.gzip import GZipMiddleware

from tests.support.asgi_calls import (
    answer,
    answering,
    call,
    decoded_body,
    fields,
    http_scope,
    raw_body,
)

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
    app = answering(*answer(body, headers=headers))
    return call(GZipMiddleware(app, minimum_size=1024, compresslevel=5), http_scope())


def test_a_compressed_answer_has_one_content_length(written: Case) -> None:
    sent = _sent(written, LARGE, content_length=str(len(LARGE)))
    assert fields(sent, b"content-encoding") == [b"gzip"]
    assert fields(sent, b"content-length") == [b"%d" % len(raw_body(sent))]
    assert decoded_body(sent) == LARGE


def test_what_the_app_has_compressed_is_not_compressed_again(
    written: Case,
) -> None:
    body = gzip.compress(LARGE * 1_000)
    assert len(body) > 1024
    sent = _sent(written, body, content_encoding="gzip", content_length=str(len(body)))
    assert fields(sent, b"content-encoding") == [b"gzip"]
    assert raw_body(sent) == body


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
    assert fields(sent, b"content-encoding") == [], f"{name}: {value}"
    assert raw_body(sent) == LARGE, f"{name}: {value}"


def test_etag_and_vary_are_one_field_each(written: Case) -> None:
    sent = _sent(written, LARGE, etag='"a"', vary="Cookie")
    assert fields(sent, b"etag") == [b'W/"a"']
    assert fields(sent, b"vary") == [b"Cookie, Accept-Encoding"]


def test_a_304_has_the_validator_of_its_200(written: Case) -> None:
    app = answering(*answer(b"", status=304, headers=[(written(b"etag"), b'"a"')]))
    sent = call(GZipMiddleware(app), http_scope())
    assert fields(sent, b"etag") == [b'W/"a"']


def test_accept_encoding_may_be_capitalised(written: Case) -> None:
    scope = http_scope(headers=[(written(b"accept-encoding"), b"gzip")])
    sent = call(GZipMiddleware(answering(*answer(LARGE))), scope)
    assert fields(sent, b"content-encoding") == [b"gzip"]
