"""The runtime replaces the part of uvicorn that answers a request; clients see no difference.

Each app answers each request twice: on uvicorn's protocol and on the runtime's. The written bytes,
the end of the connection, the messages that the app gets and the reported errors must be equal.
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Iterator
from typing import NamedTuple

import pytest
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol
from uvicorn_pod.asgi import Message

from tests.support.accounted import Accounted
from tests.support.asgi_behaviours import BEHAVIOURS, BREAKING_EARLY, BREAKING_LATE, Behaviour
from tests.support.exchange import Exchange, request

DEFAULTS = [(b"date", b"Tue, 01 Jan 2030 00:00:00 GMT"), (b"server", b"uvicorn")]
LEAVE = b""  # in place of a piece: the client leaves

CHUNKED = b"POST / HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\n"
STATED = b"POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 10\r\n\r\n"
H2C = (b"connection: upgrade", b"upgrade: h2c")
GET = request()

REQUESTS: dict[str, list[bytes]] = {
    "get": [GET],
    "keep-alive": [GET, GET, GET],
    "pipelined": [GET * 3],
    "pipelined, then more": [GET + GET[:9], GET[9:] + GET, GET],
    "pipelined after close": [request("/", b"connection: close") + GET],
    "close": [request("/", b"connection: close")],
    "http/1.0": [b"GET / HTTP/1.0\r\n\r\n"],
    "http/1.0 keep-alive": [b"GET / HTTP/1.0\r\nconnection: keep-alive\r\n\r\n", GET],
    "head": [request(method="HEAD"), GET],
    "options": [b"OPTIONS * HTTP/1.1\r\nhost: a\r\n\r\n"],
    "connect": [b"CONNECT a:443 HTTP/1.1\r\nhost: a\r\n\r\n"],
    "absolute": [b"GET http://a/b?c=%20d HTTP/1.1\r\nhost: a\r\n\r\n"],
    "encoded path": [request("/%2e%2F%C3%BC?q=%ff")],
    "in small pieces": [bytes([byte]) for byte in request("/", b"x: y", body=b"12345")],
    "stated body": [request(body=b"12345"), GET],
    "stated body in pieces": [STATED, b"12345", b"67890", GET],
    "stated body, unfinished": [STATED + b"12345", LEAVE],
    "large body": [request(body=b"x" * 200_000), GET],
    "large body in pieces": [request(body=b"x" * 200_000)[:90_000], b"x" * 50_000, LEAVE],
    "chunked body": [CHUNKED + b"5\r\nhello\r\n0\r\n\r\n", GET],
    "chunked body in pieces": [CHUNKED, b"5\r\nhel", b"lo\r\n5\r\nworld\r\n", b"0\r\n\r\n", GET],
    "expect": [request("/", b"expect: 100-continue", body=b"12345"), GET],
    "expect, body later": [STATED[:-2] + b"expect: 100-Continue\r\n\r\n", b"1234567890"],
    "h2c": [request("/", *H2C)],
    "h2c and body": [request("/", *H2C, method="POST", body=b"12345")],
    "h2c and chunks": [CHUNKED[:-2] + b"\r\n".join([*H2C, b"", b"1\r\na\r\n0\r\n\r\n"]), GET],
    "malformed": [b"GET / HTTP/1.1\r\nhost a\r\n\r\n"],
    "client leaves": [GET, LEAVE],
    "client leaves during the answer": [STATED, LEAVE],
    "client leaves after pipelining": [GET * 2 + STATED, LEAVE],
}


class _Outcome(NamedTuple):
    """What a client, the app and the log see of one connection."""

    written: bytes
    is_closed: bool
    seen: list[Message]
    errors: list[str]


async def _outcome(
    caplog: pytest.LogCaptureFixture,
    behaviour: Behaviour,
    pieces: list[bytes],
    side: Accounted | None,
) -> _Outcome:
    """The outcome on the runtime's protocol; on uvicorn's if `side` is None."""
    caplog.clear()
    seen: list[Message] = []
    app = behaviour.app(seen)
    if side is None:
        connection = Exchange(app, protocol=HttpToolsProtocol)
    else:
        connection = Exchange(app, side.accounting)
    connection.state.default_headers = DEFAULTS
    for piece in pieces:
        if piece == LEAVE:
            connection.leave()
        else:
            await connection.send(piece)
    is_closed = connection.transport.is_closed
    if not is_closed:
        connection.leave()
    await connection.finish()
    assert side is None or not side.accounting.requests, "a request is still in flight"
    written = bytes(connection.transport.written)
    return _Outcome(written, is_closed, seen, [*_errors(caplog.records)])


def _errors(records: list[logging.LogRecord]) -> Iterator[str]:
    """The messages, and the kinds of their exceptions, because the runtime words some errors anew.

    Only the runtime can report a request that it could not fully count.
    """
    for record in records:
        kind = record.exc_info[0] if record.exc_info else None
        if not record.getMessage().startswith("A request could not be fully counted"):
            yield record.getMessage().strip() + (f": {kind.__name__}" if kind else "")


async def _compare(
    caplog: pytest.LogCaptureFixture, pieces: list[bytes], limit: int
) -> AsyncIterator[str]:
    side = Accounted(max_body_bytes=limit)
    for name, behaviour in BEHAVIOURS.items():
        theirs = await _outcome(caplog, behaviour, pieces, None)
        ours = await _outcome(caplog, behaviour, pieces, side)
        for field, a, b in zip(_Outcome._fields, theirs, ours, strict=True):
            if a != b:
                yield f"app {name!r}: {field} of uvicorn {a!r}, of the runtime {b!r}"


@pytest.mark.parametrize("limit", [0, 10**6], ids=["no limit", "limited body"])
@pytest.mark.parametrize("name", REQUESTS)
def test_each_app_is_served_as_by_uvicorn(
    caplog: pytest.LogCaptureFixture, name: str, limit: int
) -> None:
    async def run() -> list[str]:
        return [each async for each in _compare(caplog, REQUESTS[name], limit)]

    differences = asyncio.run(run())
    assert not differences, f"answers to {name!r} differ:\n" + "\n".join(differences)


@pytest.mark.parametrize("name", BREAKING_EARLY)
def test_an_app_that_breaks_before_its_first_byte_gets_500_instead_of_no_answer(
    caplog: pytest.LogCaptureFixture, name: str
) -> None:
    async def run() -> list[_Outcome]:
        sides = (None, Accounted())
        return [await _outcome(caplog, BREAKING_EARLY[name], [GET], side) for side in sides]

    theirs, ours = asyncio.run(run())
    assert theirs.written == b"", "uvicorn answers now; move the app to BEHAVIOURS"
    assert ours.written.startswith(b"HTTP/1.1 500 Internal Server Error\r\n"), ours.written
    assert ours.errors == theirs.errors


@pytest.mark.parametrize("name", BREAKING_LATE)
def test_an_app_that_breaks_after_its_answer_does_not_cut_the_next_one(
    caplog: pytest.LogCaptureFixture, name: str
) -> None:
    async def run(pieces: list[bytes]) -> list[_Outcome]:
        sides = (None, Accounted())
        return [await _outcome(caplog, BREAKING_LATE[name], pieces, side) for side in sides]

    theirs, ours = asyncio.run(run([GET]))
    assert ours == theirs, f"uvicorn {theirs}, the runtime {ours}"
    theirs, ours = asyncio.run(run([GET * 2]))
    answers = theirs.written.count(b"HTTP/1.1 200 "), ours.written.count(b"HTTP/1.1 200 ")
    assert answers == (1, 2), f"answers of uvicorn and of the runtime: {answers}"


def test_the_comparison_sees_another_answer(caplog: pytest.LogCaptureFixture) -> None:
    async def run() -> list[_Outcome]:
        apps = ("stated length", "too short")
        return [await _outcome(caplog, BEHAVIOURS[name], [GET], None) for name in apps]

    one, other = asyncio.run(run())
    differing = [name for name, a, b in zip(_Outcome._fields, one, other, strict=True) if a != b]
    assert differing == ["written", "is_closed", "errors"]
