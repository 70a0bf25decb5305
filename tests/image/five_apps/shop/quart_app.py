"""Quart: a template-free page, a file with conditional requests, a stream and a form."""

from collections.abc import AsyncIterator

from quart import Quart, Response, redirect, request, send_file
from werkzeug import Response as Redirection

_TEXT = "the quick brown fox jumps over the lazy dog\n" * 500
app = Quart(__name__)


@app.get("/text/<int:number>")
async def text(number: int) -> str:
    return f"{number}: {_TEXT}"


@app.get("/small")
async def small() -> str:
    return "small"


@app.get("/large")
async def large() -> str:
    return _TEXT * 20


@app.delete("/text/<int:number>")
async def remove(number: int) -> tuple[str, int]:  # noqa: ARG001
    return "", 204


@app.post("/echo")
async def echo() -> dict[str, object]:
    return {"form": (await request.form).to_dict()}


@app.get("/file")
async def file() -> Response:
    return await send_file(__file__, mimetype="text/x-python", conditional=True)


@app.get("/stream")
async def stream() -> Response:
    async def pieces() -> AsyncIterator[bytes]:
        for number in range(20):
            yield f"{number}: {_TEXT[:900]}".encode()

    return Response(pieces(), mimetype="text/plain")


@app.get("/events")
async def events() -> Response:
    async def pieces() -> AsyncIterator[bytes]:
        for number in range(5):
            yield f"data: {number}\n\n".encode()

    return Response(pieces(), mimetype="text/event-stream")


@app.get("/redirect")
async def redirected() -> Redirection:
    return redirect("/small")


@app.get("/fail")
async def fail() -> str:
    raise ZeroDivisionError
