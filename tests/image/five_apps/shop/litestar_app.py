"""Litestar: typed handlers, a form, files, a stream and events."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Annotated

from litestar import Litestar, delete, get, post
from litestar.enums import RequestEncodingType
from litestar.params import Body
from litestar.response import File, Redirect, ServerSentEvent, Stream
from litestar.static_files import create_static_files_router

_TEXT = "the quick brown fox jumps over the lazy dog\n" * 500


@get("/item/{number:int}")
async def item(number: int) -> dict[str, object]:
    return {"number": number, "text": _TEXT}


@get("/small")
async def small() -> dict[str, str]:
    return {"small": "yes"}


@get("/large")
async def large() -> str:
    return _TEXT * 20


@post("/echo")
async def echo(data: dict[str, object]) -> dict[str, object]:
    return data


@post("/form")
async def form(
    data: Annotated[dict[str, str], Body(media_type=RequestEncodingType.URL_ENCODED)],
) -> dict[str, str]:
    return data


@delete("/item/{number:int}")
async def remove(number: int) -> None: ...


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


static = create_static_files_router("/static", directories=[Path(__file__).parent])
handlers = [item, small, large, echo, form, remove, file, stream, events, redirect, fail, static]
app = Litestar(handlers)
