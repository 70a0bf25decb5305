"""Apps for the tests of what is counted and logged about an answer."""

import asyncio
import contextlib
from collections.abc import AsyncIterator

from starlette.applications import Starlette
from starlette.background import BackgroundTask
from starlette.middleware import Middleware
from starlette.middleware.base import BaseHTTPMiddleware, RequestResponseEndpoint
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response, StreamingResponse
from starlette.routing import Route, WebSocketRoute
from starlette.websockets import WebSocket, WebSocketDisconnect


async def work_afterwards(request: Request) -> PlainTextResponse:
    """Answers at once, then works in the background for `?seconds=`."""
    seconds = float(request.query_params["seconds"])
    return PlainTextResponse("done", background=BackgroundTask(asyncio.sleep, seconds))


async def wait(request: Request) -> PlainTextResponse:
    """Answers after `?seconds=`, even if the client has left."""
    await asyncio.sleep(float(request.query_params["seconds"]))
    return PlainTextResponse("late")


async def drip(request: Request) -> StreamingResponse:
    """Sends 100 bytes at once and 100 more after `?seconds=`, in an answer of unknown length."""
    seconds = float(request.query_params["seconds"])

    async def pieces() -> AsyncIterator[bytes]:
        yield b"x" * 100
        await asyncio.sleep(seconds)
        yield b"y" * 100

    return StreamingResponse(pieces(), media_type=request.query_params.get("type", "text/csv"))


async def text(_request: Request) -> PlainTextResponse:
    """Answers with 20,000 bytes."""
    return PlainTextResponse("sentinel " * 2_000)


async def _send_after_disconnect(websocket: WebSocket) -> None:
    """Sends until it is told that the client has gone, as an app does that never receives."""
    while (await websocket.receive())["type"] != "websocket.disconnect":
        pass
    with contextlib.suppress(WebSocketDisconnect):
        await websocket.send_text("too late")


async def talk(websocket: WebSocket) -> None:
    """Echoes messages; refuses, fails or closes if it is asked to."""
    wanted = websocket.query_params.get("do")
    if wanted == "refuse":
        await websocket.close()
        return
    if wanted == "answer-404":
        await websocket.send_denial_response(Response("no", 404))
        return
    if wanted == "fail":
        raise ZeroDivisionError
    await websocket.accept()
    if wanted == "send-on":
        await _send_after_disconnect(websocket)
        return
    async for message in websocket.iter_text():
        await websocket.send_text(message)
        if message == "close":
            await websocket.close(4242)
            return
        if message == "fail":
            raise ZeroDivisionError


async def _pass_on(request: Request, call_next: RequestResponseEndpoint) -> Response:
    return await call_next(request)


_ROUTES = [
    Route("/background", work_afterwards),
    Route("/wait", wait),
    Route("/drip", drip),
    Route("/text", text),
    WebSocketRoute("/talk/{name}", talk),
]

plain = Starlette(routes=_ROUTES)
in_pieces = Starlette(
    routes=_ROUTES, middleware=[Middleware(BaseHTTPMiddleware, dispatch=_pass_on)]
)
