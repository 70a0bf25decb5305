"""The routes of the reference service. Each parameter has a limit, so no request can hang a pod."""

import asyncio
import os
import platform
import time
from collections.abc import AsyncIterator
from typing import Annotated, Any

import uvicorn
from fastapi import APIRouter, HTTPException, Query, Request, Response
from fastapi.responses import JSONResponse, PlainTextResponse
from fastapi.sse import EventSourceResponse

from reference import catalog

MAX_WORK_MS = 1_000
MAX_SLOW_SECONDS = 30
MAX_EVENTS = 100
MAX_INTERVAL_SECONDS = 1
MAX_BYTES = 1_048_576
MAX_ECHO_BYTES = 10_485_760

router = APIRouter()


@router.get("/")
async def identify(request: Request) -> dict[str, str | int]:
    """Names the pod that answers, and the event loop and HTTP parser that run in it."""
    loop = type(asyncio.get_running_loop())
    return {
        "pod": request.app.state.settings.hostname,
        "loop": f"{loop.__module__}.{loop.__qualname__}",
        "http": _parser_of(request.receive),
        "pid": os.getpid(),
        "python": platform.python_version(),
        "uvicorn": uvicorn.__version__,
    }


def _parser_of(receive: object) -> str:
    """The module of the server that parses HTTP; of uvicorn's, where another class extends it."""
    # In an ASGI server, `receive` is usually a method of the object that handles the request.
    handler = getattr(receive, "__self__", None)
    protocol = type(getattr(handler, "protocol", None) or handler)
    modules = [each.__module__ for each in protocol.__mro__]
    return next((module for module in modules if module.startswith("uvicorn.")), modules[0])


@router.get("/catalog")
async def read_catalog() -> Response:
    """Returns about 900 KB of JSON, made at the first request so that a start costs nothing."""
    return Response(catalog.body(), media_type="application/json")


@router.get("/catalog/slow", response_model=None)
async def read_catalog_slowly() -> list[catalog.Product]:
    """Returns the same list through FastAPI's encoder, as most services do, to measure its cost."""
    return catalog.products()


@router.get("/bytes", response_class=PlainTextResponse)
async def read_bytes(size: Annotated[int, Query(ge=0, le=MAX_BYTES)] = 1024) -> str:
    """Returns a text of exactly `size` bytes, to test size limits."""
    line = "the quick brown fox jumps over the lazy dog\n"
    return (line * (size // len(line) + 1))[:size]


@router.get("/work")
async def work(ms: Annotated[int, Query(ge=0, le=MAX_WORK_MS)] = 50) -> dict[str, int]:
    """Burns `ms` milliseconds of CPU on the event loop, as a careless handler does."""
    started = time.thread_time()
    sums = 0
    while time.thread_time() - started < ms / 1000:
        sum(range(100))
        sums += 1
    return {"cpu_ms": ms, "sums": sums}


@router.get("/slow")
async def slow(seconds: Annotated[float, Query(ge=0, le=MAX_SLOW_SECONDS)] = 1) -> dict[str, float]:
    """Waits without using the CPU, as a handler that queries a database does."""
    await asyncio.sleep(seconds)
    return {"slept_seconds": seconds}


@router.get("/stream", response_class=EventSourceResponse)
async def stream(
    count: Annotated[int, Query(ge=1, le=MAX_EVENTS)] = 10,
    interval_seconds: Annotated[float, Query(ge=0, le=MAX_INTERVAL_SECONDS)] = 0.1,
) -> AsyncIterator[dict[str, int]]:
    """Sends `count` server-sent events, one every `interval_seconds`."""
    for number in range(count):
        yield {"event": number}
        await asyncio.sleep(interval_seconds)


@router.api_route("/echo", methods=["GET", "POST", "PUT"], response_class=JSONResponse)
async def echo(request: Request) -> dict[str, Any]:
    """Returns the request as the app sees it behind its proxies, and the size of its body."""
    body_bytes = 0
    async for chunk in request.stream():
        body_bytes += len(chunk)
        if body_bytes > MAX_ECHO_BYTES:
            raise HTTPException(413, f"the body may have {MAX_ECHO_BYTES} bytes at most")
    return {
        "method": request.method,
        "scheme": request.url.scheme,
        "path": request.url.path,
        "query": request.url.query,
        "client": request.client.host if request.client else None,
        "headers": {name: ", ".join(request.headers.getlist(name)) for name in request.headers},
        "body_bytes": body_bytes,
    }
