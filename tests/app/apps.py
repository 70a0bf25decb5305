"""Small apps that misbehave in one way each, for the tests that run a process."""

import asyncio
import os
import threading
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route


async def greet(_request: Request) -> PlainTextResponse:
    """Answers at once."""
    return PlainTextResponse("hello")


async def start_immortal_thread(_request: Request) -> PlainTextResponse:
    """Leaves a thread behind that would keep the interpreter from ending."""
    threading.Thread(target=time.sleep, args=[600]).start()
    return PlainTextResponse("started")


@asynccontextmanager
async def _start_when_told(_app: Starlette) -> AsyncIterator[None]:
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
        raise RuntimeError("the database is away")
    yield


_ROUTES = [Route("/", greet), Route("/thread", start_immortal_thread)]

plain = Starlette(routes=_ROUTES)
starts_when_told = Starlette(routes=_ROUTES, lifespan=_start_when_told)
never_ends = Starlette(routes=_ROUTES, lifespan=_never_end)
fails_to_start = Starlette(routes=_ROUTES, lifespan=_fail)
