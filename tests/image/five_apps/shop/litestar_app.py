"""Litestar: typed handlers, a file, a stream, events, and its own compression on one route."""

from collections.abc import AsyncIterator
from pathlib import Path

from litestar import Litestar, get, post
from litestar.response import File, Redirect, ServerSentEvent, Stream

_TEXT = "the quick brown fox jumps over the lazy dog\n" * 500


@get("/item/{number:int}")
async def item(number: int) -> dict[str, object]:
    return {"number": number, "text": _TEXT}


@get("/small")
async def small() -> dict[str, str]:
    return {"small": "yes"}


@post("/echo")
async def echo(data: dict[str, object]) -> dict[str, object]:
    return data


@get("/file")
async def file() -> File:
    return File(path=Path(__file__), filename="app.py")


@get("/stream")
async def stream() -> Stream:
    async def pieces() -> AsyncIterator[str]:
        for number in range(20):
            yield f"{number}: {_TEXT[:900]}"

    return Stream(pieces(), media_type="text/plain")


@get("/events")
async def events() -> ServerSentEvent:
    async def pieces() -> AsyncIterator[str]:
        for number in range(5):
            yield f"event {number}"

    return ServerSentEvent(pieces())


@get("/redirect")
async def redirect() -> Redirect:
    return Redirect("/small")


@get("/fail")
async def fail() -> None:
    raise ZeroDivisionError


app = Litestar([item, small, echo, file, stream, events, redirect, fail])
