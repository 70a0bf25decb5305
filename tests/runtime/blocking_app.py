"""Handlers that block the event loop, each at a line that ends with a comment `# blocks NAME`."""

import asyncio
import importlib
import os
import socket
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

SECONDS = float(os.environ.get("BLOCK_SECONDS", "0.5"))


def _work(seconds: float) -> None:
    """Uses CPU, in Python."""
    end = time.thread_time() + seconds
    while time.thread_time() < end:
        pass


def _rows() -> int:
    """How many rows one call of C needs 1.5 SECONDS of CPU for; it never releases the GIL."""
    rows = 1_000_000
    started = time.thread_time()
    sum(range(rows))
    return int(1.5 * rows * SECONDS / (time.thread_time() - started))


ROWS = _rows()


@asynccontextmanager
async def _lifespan(_app: Starlette) -> AsyncIterator[None]:
    asyncio.get_running_loop().set_debug("ASYNCIO_DEBUG" in os.environ)
    if "BLOCKS_AT_START" in os.environ:
        time.sleep(SECONDS)  # noqa: ASYNC251
    yield


async def sleep(_request: Request) -> Response:
    time.sleep(SECONDS)  # noqa: ASYNC251 # blocks sleep
    return PlainTextResponse("slept")


async def compute(_request: Request) -> Response:
    end = time.thread_time() + SECONDS
    while time.thread_time() < end:  # blocks compute
        pass
    return PlainTextResponse("computed")


async def receive(_request: Request) -> Response:
    ours, theirs = socket.socketpair()
    ours.settimeout(SECONDS)
    with ours, theirs:
        try:
            ours.recv(1)  # blocks receive
        except TimeoutError:
            return PlainTextResponse("received nothing")
    raise RuntimeError("the pair sent something")


async def library(_request: Request) -> Response:
    slow_library = importlib.import_module("slow_library")  # the test makes it
    slow_library.fetch(SECONDS)  # blocks library
    return PlainTextResponse("fetched")


async def extension(_request: Request) -> Response:
    sum(range(ROWS))  # blocks extension
    return PlainTextResponse("summed")


async def callback(_request: Request) -> Response:
    asyncio.get_running_loop().call_soon(_block_as_callback)
    await asyncio.sleep(0.01)
    return PlainTextResponse("called")


def _block_as_callback() -> None:
    time.sleep(SECONDS)  # blocks callback


async def steps(_request: Request) -> Response:
    """Holds the loop for as long, but lets it turn in between."""
    for _ in range(20):
        _work(SECONDS / 10)
        await asyncio.sleep(0)
    return PlainTextResponse("stepped")


async def work(_request: Request) -> Response:
    """Computes for less than a block."""
    _work(0.04)
    return PlainTextResponse("worked")


async def recurse(_request: Request) -> Response:
    _sleep_below(500)
    return PlainTextResponse("returned")


def _sleep_below(depth: int) -> None:
    if depth:
        _sleep_below(depth - 1)
    else:
        time.sleep(SECONDS)


async def forge(_request: Request) -> Response:
    """Blocks in code whose names want to forge a log line."""
    name = 'x"}\n{"level":"FORGED\u2028\u202e\x1b[31m' + "y" * 5000
    names = {"time": time}
    exec(compile(f"def block():\n    time.sleep({SECONDS})\n", name, "exec"), names)  # noqa: S102
    block: Callable[[], None] = names["block"]  # type: ignore[assignment]
    block()
    return PlainTextResponse("forged")


HANDLERS = [
    sleep, compute, receive, library, extension, callback, steps, work, recurse, forge
]  # fmt: skip
app = Starlette(
    routes=[Route(f"/{handler.__name__}", handler) for handler in HANDLERS], lifespan=_lifespan
)
