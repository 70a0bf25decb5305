"""The reference service, and faults that a client can ask for. Runs in a pod."""

import os
import time

from fastapi import FastAPI, HTTPException, WebSocket
from reference.main import app as reference
from uvicorn_pod.container_memory import ContainerMemory

app = FastAPI()
kept: list[bytes] = []
MEMORY_PERCENT = 93  # the alert fires above 90, the kernel kills above 100


@app.get("/fail")
async def fail() -> None:
    """Answers 500."""
    raise HTTPException(500)


@app.get("/block")
async def block() -> None:
    """Blocks the event loop."""
    time.sleep(0.6)  # noqa: ASYNC251 - the fault


@app.get("/wait")
def wait() -> None:
    """Keeps a thread of the pool."""
    time.sleep(3)


@app.get("/keep")
async def keep() -> None:
    """Fills the memory, but not to its limit."""
    memory = ContainerMemory.find()
    assert memory is not None, "the container has no memory limit"
    while memory.used_percent() < MEMORY_PERCENT:
        kept.append(bytes([1]) * 2**20)


@app.get("/exit")
async def end() -> None:
    """Ends the process as a crash does."""
    os._exit(1)


@app.websocket("/websocket")
async def talk(websocket: WebSocket) -> None:
    """Opens a WebSocket and closes it."""
    await websocket.accept()
    await websocket.close()


app.mount("/", reference)
