"""Small apps for the tests that run a process. Each does one thing, and most do it wrong."""

import asyncio
import logging
import os
import threading
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from reference import catalog
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response, StreamingResponse
from starlette.routing import Route, WebSocketRoute
from starlette.websockets import WebSocket
from uvicorn_pod.gzip import GZipMiddleware


async def greet(_request: Request) -> PlainTextResponse:
    """Answers at once."""
    return PlainTextResponse("hello")


async def start_immortal_thread(_request: Request) -> PlainTextResponse:
    """Starts a thread that would keep the interpreter from exiting."""
    threading.Thread(target=time.sleep, args=[600]).start()
    return PlainTextResponse("started")


@asynccontextmanager
async def _start_when_file_exists(_app: Starlette) -> AsyncIterator[None]:
    await asyncio.to_thread(_wait_for_file)
    yield


def _wait_for_file() -> None:
    while not Path(os.environ["START_WHEN_EXISTS"]).exists():
        time.sleep(0.01)


@asynccontextmanager
async def _never_end(_app: Starlette) -> AsyncIterator[None]:
    yield
    await asyncio.sleep(600)


@asynccontextmanager
async def _fail(app: Starlette) -> AsyncIterator[None]:
    if app.routes:
        raise RuntimeError("the database is down")
    yield


_ROUTES = [Route("/", greet), Route("/thread", start_immortal_thread)]

plain = Starlette(routes=_ROUTES)
starts_when_file_exists = Starlette(routes=_ROUTES, lifespan=_start_when_file_exists)
never_ends = Starlette(routes=_ROUTES, lifespan=_never_end)
fails_to_start = Starlette(routes=_ROUTES, lifespan=_fail)


async def log(_request: Request) -> PlainTextResponse:
    """Logs a line as an app does."""
    logging.getLogger("app").info("sentinel", extra={"order": 7})
    return PlainTextResponse("logged")


async def tick(_request: Request) -> StreamingResponse:
    """Sends server-sent events without an end."""

    async def events() -> AsyncIterator[str]:
        while True:
            yield "data: tick\n\n"
            await asyncio.sleep(0.05)

    return StreamingResponse(events(), media_type="text/event-stream")


async def tick_late(request: Request) -> StreamingResponse:
    """Waits a second, then does the same."""
    await asyncio.sleep(1)
    return await tick(request)


async def send_one_event(_request: Request) -> StreamingResponse:
    """Sends one server-sent event, after a second, and ends the stream."""

    async def events() -> AsyncIterator[str]:
        await asyncio.sleep(1)
        yield "data: [DONE]\n\n"

    return StreamingResponse(events(), media_type="text/event-stream")


async def roll_back(_request: Request) -> PlainTextResponse:
    """Never answers, and needs 0.1 s to clean up when it is cancelled."""
    try:
        await asyncio.sleep(600)
    finally:
        await asyncio.sleep(0.1)
    return PlainTextResponse("late")


async def hang(_request: Request) -> PlainTextResponse:
    """Never answers."""
    await asyncio.sleep(600)
    return PlainTextResponse("late")


async def echo(websocket: WebSocket) -> None:
    """Echoes each message until the client disconnects."""
    await websocket.accept()
    async for text in websocket.iter_text():
        await websocket.send_text(text)


logs = Starlette(routes=[Route("/", log)])
lasting = Starlette(
    routes=[
        Route("/tick", tick),
        Route("/tick-late", tick_late),
        Route("/event", send_one_event, methods=["GET", "POST"]),
        Route("/hang", hang),
        Route("/transaction", roll_back),
        WebSocketRoute("/socket", echo),
    ]
)


async def read(request: Request) -> PlainTextResponse:
    """Reads the whole body and answers with its length."""
    return PlainTextResponse(f"read {len(await request.body())}")


async def wait(_request: Request) -> PlainTextResponse:
    """Answers after a second."""
    await asyncio.sleep(1)
    return PlainTextResponse("slow")


async def show_headers(request: Request) -> PlainTextResponse:
    """Reads the whole body, then answers with the names of the headers."""
    await request.body()
    return PlainTextResponse(" ".join(name.decode() for name, _ in request.scope["headers"]))


async def answer_early(_request: Request) -> PlainTextResponse:
    """Answers without reading the body."""
    return PlainTextResponse("read 0")


reads = Starlette(
    routes=[
        Route("/early", answer_early, methods=["POST"]),
        Route("/slow", wait),
        Route("/headers", show_headers, methods=["POST"]),
        WebSocketRoute("/socket", echo),
        Route("/{path:path}", read, methods=["GET", "POST"]),
    ]
)


async def read_catalog(_request: Request) -> Response:
    """Answers with about 900 KB of JSON."""
    return Response(catalog.body(), media_type="application/json")


compressing = Starlette(routes=[Route("/catalog", read_catalog)])
compressing.add_middleware(GZipMiddleware, minimum_size=1024, compresslevel=5)
