"""An app that runs synchronous code in threads."""

import time

from fastapi import FastAPI

app = FastAPI()


@app.get("/sync")
def wait() -> str:
    """Waits without using CPU, as a database driver without asyncio does."""
    time.sleep(3)
    return "waited"


@app.get("/async")
async def answer() -> str:
    """Needs no thread."""
    return "answered"
