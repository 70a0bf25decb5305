"""FastAPI with an HTTP middleware and static files, and Strawberry's GraphQL with its page."""

from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Annotated

import strawberry
from fastapi import FastAPI, Form, Request, Response
from fastapi.responses import FileResponse, RedirectResponse, StreamingResponse
from fastapi.staticfiles import StaticFiles
from strawberry.fastapi import GraphQLRouter

_TEXT = "the quick brown fox jumps over the lazy dog\n" * 500


@strawberry.type
class Query:
    @strawberry.field
    def text(self) -> str:
        return _TEXT


app = FastAPI()
app.include_router(GraphQLRouter(strawberry.Schema(Query)), prefix="/graphql")
app.mount("/static", StaticFiles(directory=Path(__file__).parent))


@app.middleware("http")
async def add_header(
    request: Request, call_next: Callable[[Request], Awaitable[Response]]
) -> Response:
    response = await call_next(request)
    response.headers["X-Shop"] = "yes"
    return response


@app.get("/item/{number}")
async def item(number: int) -> dict[str, object]:
    return {"number": number, "text": _TEXT}


@app.get("/small")
async def small() -> dict[str, str]:
    return {"small": "yes"}


@app.get("/large")
async def large() -> Response:
    return Response(_TEXT * 20, media_type="text/plain")


@app.post("/form")
async def form(a: Annotated[str, Form()], b: Annotated[str, Form()]) -> dict[str, str]:
    return {"a": a, "b": b}


@app.delete("/item/{number}", status_code=204)
async def remove(number: int) -> None: ...


@app.get("/file")
async def file() -> FileResponse:
    return FileResponse(__file__, media_type="text/x-python")


@app.get("/stream")
async def stream() -> StreamingResponse:
    async def pieces() -> AsyncIterator[str]:
        for number in range(20):
            yield f"{number}: {_TEXT[:900]}"

    return StreamingResponse(pieces(), media_type="text/plain")


@app.get("/events")
async def events() -> StreamingResponse:
    async def pieces() -> AsyncIterator[str]:
        for number in range(5):
            yield f"data: {number}\n\n"

    return StreamingResponse(pieces(), media_type="text/event-stream")


@app.get("/redirect")
async def redirect() -> RedirectResponse:
    return RedirectResponse("/small")


@app.get("/fail")
async def fail() -> None:
    raise ZeroDivisionError
