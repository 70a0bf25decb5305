"""The app that all five servers run. It asks nothing of the server but ASGI."""

import asyncio
import os
import platform
import time
from collections.abc import AsyncIterator

from fastapi import FastAPI
from fastapi.responses import StreamingResponse
from reference.main import app as reference

app = FastAPI()


def _process() -> str:
    """Names the pod and the process in it, for workers that share a pod."""
    return f"{platform.node()}/{os.getpid()}"


@app.get("/async")
async def answer_at_once(ms: int = 0) -> dict[str, str]:
    """Awaits for `ms` milliseconds, as a service does that asks a database."""
    if ms:
        await asyncio.sleep(ms / 1000)
    return {"process": _process()}


@app.get("/sync")
def answer_in_a_thread() -> dict[str, str]:
    """Runs in the thread pool."""
    return {"process": _process()}


@app.get("/burn")
async def burn(ms: int = 20) -> dict[str, str]:
    """Uses the CPU of the event loop's thread for `ms` milliseconds."""
    ends = time.thread_time() + ms / 1000
    while time.thread_time() < ends:
        pass
    return {"process": _process()}


@app.get("/events")
async def events(number: int = 20) -> StreamingResponse:
    """Sends `number` server-sent events, one each half second; the last one is `end`."""

    async def stream() -> AsyncIterator[str]:
        for count in range(number):
            yield f"data: {count}\n\n"
            await asyncio.sleep(0.5)
        yield "data: end\n\n"

    return StreamingResponse(stream(), media_type="text/event-stream")


app.mount("/", reference)
