"""The client's Accept-Encoding chooses between zstd, gzip and a plain answer."""

import pytest
from uvicorn_pod.accept_encoding import preferred_coding
from uvicorn_pod.gzip import GZipMiddleware

from tests.support import asgi

LARGE = b"sentinel " * 200
CHROME = "gzip, deflate, br, zstd"


@pytest.mark.parametrize(
    ("value", "coding"),
    [
        (CHROME, "zstd"),
        ("zstd", "zstd"),
        ("ZStd", "zstd"),
        ("gzip, zstd", "zstd"),
        ("gzip;q=0.5, zstd;q=0.5", "zstd"),
        ("gzip;q=0.5, zstd;q=0.6", "zstd"),
        ("zstd;q=0.001", "zstd"),
        ("zstd, identity", "zstd"),
        ("zstd, *;q=0", "zstd"),
        ("zstd;q=0.5, br", "zstd"),
        ("gzip, zstd;q=0.9", "gzip"),
        ("gzip;q=0.3, zstd;q=0.2", "gzip"),
        ("gzip, zstd;q=0", "gzip"),
        ("x-gzip, zstd;q=0.1", "gzip"),
        ("*, zstd;q=0.5", "gzip"),
        ("gzip, zstd;q=2", "gzip"),
        ("gzip, zstd;level=3", "gzip"),
        ("gzip, deflate, br", "gzip"),
        ("gzip, not-zstd", "gzip"),
        ("*", "gzip"),
        ("zstd;q=0.5, gzip;q=0.5, identity", None),
        ("zstd;q=0.5, identity;q=0.6", None),
        ("zstd;q=0", None),
        ("zstd;q=0, *;q=0", None),
        ("gzip;q=0, *", None),
        ("br", None),
        ("", None),
        (CHROME + ", " + "x" * 200, "zstd"),
    ],
)
def test_the_greatest_weight_chooses_and_zstd_wins_a_tie(value: str, coding: str | None) -> None:
    assert preferred_coding(value.encode(), ("zstd", "gzip")) == coding, value
    scope = asgi.http_scope(headers=[(b"accept-encoding", value.encode())])
    sent = asgi.call(GZipMiddleware(asgi.answering(*asgi.answer(LARGE))), scope)
    expected = [] if coding is None else [coding.encode()]
    assert asgi.fields(sent, b"content-encoding") == expected, value
    assert asgi.fields(sent, b"vary") == [b"Accept-Encoding"], value
    assert asgi.decoded_body(sent) == LARGE, value


@pytest.mark.parametrize("value", [CHROME, "gzip", "zstd, gzip;q=0.1"])
def test_without_zstd_the_same_clients_get_gzip(value: str) -> None:
    scope = asgi.http_scope(headers=[(b"accept-encoding", value.encode())])
    sent = asgi.call(GZipMiddleware(asgi.answering(*asgi.answer(LARGE)), zstd=False), scope)
    assert asgi.fields(sent, b"content-encoding") == [b"gzip"], value


@pytest.mark.parametrize("value", ["gzip", "gzip, deflate, br", "*", "gzip, zstd;q=0"])
@pytest.mark.parametrize("pieces", [[LARGE], [LARGE, LARGE], [LARGE * 1_000]])
def test_gzip_is_the_same_byte_for_byte_with_and_without_zstd(
    value: str, pieces: list[bytes]
) -> None:
    app = asgi.answering(*asgi.answer(*pieces, headers=[(b"etag", b'"a"')]))
    scopes = [asgi.http_scope(headers=[(b"accept-encoding", value.encode())]) for _ in range(2)]
    with_zstd = asgi.call(GZipMiddleware(app), scopes[0])
    assert with_zstd == asgi.call(GZipMiddleware(app, zstd=False), scopes[1]), value
    assert asgi.fields(with_zstd, b"content-encoding") == [b"gzip"], value
