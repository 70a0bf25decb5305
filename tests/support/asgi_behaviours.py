"""Apps that keep or break the rules of ASGI in all the ways in which an answer can go."""

import asyncio
import contextlib
from collections.abc import Iterable
from typing import Any, NamedTuple

from uvicorn_pod.asgi import App, Message, Receive, Scope, Send


def _answer(
    *pieces: bytes | bytearray | memoryview | None,
    status: int | str = 200,
    headers: Iterable[Any] | None = (),
) -> list[Message]:
    """The messages of an answer; the last piece says that it is the last, None has no body."""
    start: Message = {"type": "http.response.start", "status": status}
    messages = [start if headers is None else {**start, "headers": headers}]
    for number, body in enumerate(pieces, 1):
        more = {"more_body": True} if number < len(pieces) else {}
        has_body = {} if body is None else {"body": body}
        messages.append({"type": "http.response.body", **has_body, **more})
    return messages


def _fields(*lines: str) -> list[tuple[bytes, bytes]]:
    pairs = [line.split(": ", 1) for line in lines]
    return [(name.encode("latin-1"), value.encode("latin-1")) for name, value in pairs]


class Behaviour(NamedTuple):
    """What an app does: it reads the body or not, sends messages, then returns or raises."""

    messages: list[Message]
    reads: bool = True
    ending: Any = None
    reads_after: bool = False
    continues: bool = False  # after an error of `send`
    waits: bool = False  # a turn of the event loop before each message

    def app(self, seen: list[Message]) -> App:
        """The app; it adds the messages that it receives to `seen`."""

        async def app(_scope: Scope, receive: Receive, send: Send) -> Any:  # noqa: ANN401
            while self.reads:
                seen.append(await receive())
                if not seen[-1].get("more_body"):
                    break
            for message in self.messages:
                if self.waits:
                    await asyncio.sleep(0)
                with contextlib.suppress(*[Exception] * self.continues):
                    await send(message)
            if self.reads_after:
                seen.append(await receive())
            if isinstance(self.ending, BaseException):
                raise self.ending
            return self.ending

        return app


ONE = _answer(b"12345", headers=_fields("content-length: 5"))
BEHAVIOURS: dict[str, Behaviour] = {
    "stated length": Behaviour(ONE),
    "stated length, waits": Behaviour(ONE, waits=True),
    "does not read": Behaviour(ONE, reads=False),
    "reads after": Behaviour(ONE, reads=False, reads_after=True),
    "length unknown": Behaviour(_answer(b"12345")),
    "in pieces": Behaviour(_answer(b"123", b"", b"45", b""), waits=True),
    "in pieces, stated": Behaviour(_answer(b"12", b"345", headers=_fields("content-length: 5"))),
    "no headers, no body": Behaviour(_answer(None, headers=None)),
    "empty": Behaviour(_answer(b"")),
    "204": Behaviour(_answer(b"", status=204)),
    "204 with a body": Behaviour(_answer(b"12345", status=204)),
    "204 with a length": Behaviour(_answer(b"", status=204, headers=_fields("content-length: 5"))),
    "304": Behaviour(_answer(b"", status=304, headers=_fields('etag: "a"'))),
    "304 with a length": Behaviour(_answer(b"", status=304, headers=_fields("content-length: 5"))),
    "status without a phrase": Behaviour(_answer(b"1", status=299)),
    "status that HTTP lacks": Behaviour(_answer(b"1", status=600)),
    "status as text": Behaviour(_answer(b"1", status="200")),
    "too long": Behaviour(_answer(b"123456", headers=_fields("content-length: 5"))),
    "too long, in pieces": Behaviour(_answer(b"123", b"456", headers=_fields("content-length: 5"))),
    "too short": Behaviour(_answer(b"1234", headers=_fields("content-length: 5"))),
    "too short, continues": Behaviour(
        [*_answer(b"1234", headers=_fields("content-length: 5")), *_answer(b"5")[1:]],
        continues=True,
    ),
    "two lengths": Behaviour(_answer(b"12345", headers=_fields(*["content-length: 5"] * 2))),
    "length of text": Behaviour(_answer(b"12345", headers=_fields("content-length: five"))),
    "length below zero": Behaviour(_answer(b"12345", headers=_fields("content-length: -5"))),
    "chunked by the app": Behaviour(
        _answer(b"12345", headers=_fields("Transfer-Encoding: CHUNKED"))
    ),
    "chunked, then length": Behaviour(
        _answer(b"12345", headers=_fields("transfer-encoding: chunked", "content-length: 5"))
    ),
    "length, then chunked": Behaviour(
        _answer(b"12345", headers=_fields("content-length: 5", "transfer-encoding: chunked"))
    ),
    "another transfer-encoding": Behaviour(
        _answer(b"1", headers=_fields("transfer-encoding: gzip, chunked"))
    ),
    "close by the app": Behaviour(
        _answer(b"12345", headers=_fields("Connection: keep-alive, Close"))
    ),
    "two connection fields": Behaviour(
        _answer(b"1", headers=_fields("connection: close", "connection: keep-alive"))
    ),
    "keep-alive by the app": Behaviour(
        _answer(b"12345", headers=_fields("connection: keep-alive"))
    ),
    "upper case": Behaviour(_answer(b"12345", headers=_fields("Content-Length: 5", "X-A: B"))),
    "long value": Behaviour(_answer(b"1", headers=_fields("x: " + "y" * 5_000))),
    "tab and latin-1": Behaviour(_answer(b"1", headers=_fields("x: a\tü"))),
    "tuple of lists": Behaviour(_answer(b"1", headers=([b"x", b"y"], [b"z", b""]))),
    "iterable": Behaviour(_answer(b"1", headers=dict(_fields("x: y", "z: ")).items())),
    "bytearrays": Behaviour(
        _answer(bytearray(b"12345"), headers=[(bytearray(b"X"), bytearray(b"y"))])
    ),
    "memoryview": Behaviour(_answer(memoryview(b"12345"), headers=[(b"x", memoryview(b"y"))])),
    "body None in chunks": Behaviour([*_answer(), {"type": "http.response.body", "body": None}]),
    "header of text": Behaviour(_answer(b"1", headers=[("x", "y")])),
    "header of three": Behaviour(_answer(b"1", headers=[(b"x", b"y", b"z")])),
    "start twice": Behaviour([*_answer(), *_answer(b"1")]),
    "start twice, continues": Behaviour([*_answer(), *_answer(b"1")], continues=True),
    "body first": Behaviour(_answer(b"1")[1:]),
    "body first, continues": Behaviour([*_answer(b"1")[1:], *_answer(b"1")], continues=True),
    "unknown message": Behaviour([{"type": "http.response.unknown"}, *_answer(b"1")]),
    "unknown later": Behaviour([*_answer(), {"type": "http.response.unknown"}]),
    "body after the end, continues": Behaviour([*ONE, ONE[1]], continues=True),
    "returns at once": Behaviour([], reads=False),
    "returns early": Behaviour([]),
    "returns after the start": Behaviour(_answer()),
    "returns during the body": Behaviour(_answer(b"1", b"2")[:2]),
    "returns a value": Behaviour([], ending="sentinel"),
    "raises at once": Behaviour([], reads=False, ending=ZeroDivisionError("sentinel")),
    "raises": Behaviour([], ending=ZeroDivisionError("sentinel")),
    "raises after the start": Behaviour(_answer(), ending=ZeroDivisionError("sentinel")),
    "raises during the body": Behaviour(_answer(b"1", b"2")[:2], ending=ZeroDivisionError("a")),
    "is cancelled": Behaviour([], ending=asyncio.CancelledError()),
    "is interrupted": Behaviour([], ending=SystemExit("sentinel")),
    **{
        f"name with {character!r}": Behaviour(_answer(b"1", headers=[(b"x" + character, b"y")]))
        for character in (
            b"\0",
            b"\n",
            b" ",
            b"\t",
            b":",
            b"(",
            b'"',
            b"\\",
            b"{",
            b"\x7f",
            b"\xff",
        )
    },
    **{
        f"value with {character!r}": Behaviour(_answer(b"1", headers=[(b"x", b"y" + character)]))
        for character in (b"\0", b"\n", b"\r", b"\x1f", b"\x7f", b"\x80")
    },
}

# Apps that fail before the first byte of their answer.
BREAKING_EARLY: dict[str, Behaviour] = {
    "headers None": Behaviour([{**_answer()[0], "headers": None}]),
    "no status": Behaviour([{"type": "http.response.start"}]),
}

# uvicorn closes the connection, also if it has begun the next request; the runtime does not then.
BREAKING_LATE = {
    "start after the end": Behaviour([*ONE, *ONE]),
    "body after the end": Behaviour([*ONE, ONE[1]]),
    "returns a value after the answer": Behaviour(ONE, ending="sentinel"),
    "raises after the answer": Behaviour(ONE, ending=ZeroDivisionError("sentinel")),
}
