"""A library that watches uvicorn for its shutdown, as sse-starlette does, cannot cut a stream."""

import http.client
from contextlib import closing
from pathlib import Path

import pytest

from tests.support.serving import serving

# sse-starlette 3 replaces Server.handle_exit, and polls should_exit of the server whose method
# handles SIGTERM. Then it cancels the stream, which ends without its last chunk.
WATCHER = """
import asyncio, signal
from uvicorn.main import Server

has_exited = False
original = Server.handle_exit

def handle_exit(*arguments):
    global has_exited
    has_exited = True
    original(*arguments)

Server.handle_exit = handle_exit

async def app(scope, receive, send):
    assert scope["type"] == "http"
    headers = [(b"content-type", b"text/event-stream")]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    left = 20 if scope["method"] == "POST" else 1_000
    while left:
        server = getattr(signal.getsignal(signal.SIGTERM), "__self__", None)
        if has_exited or getattr(server, "should_exit", False):
            return
        body = {"type": "http.response.body", "body": b"data: tick\\n\\n", "more_body": True}
        await send(body)
        await asyncio.sleep(0.1)
        left -= 1
    await send({"type": "http.response.body", "body": b""})
"""


def _ticks_after_sigterm(folder: Path, method: str, module: str, *options: str) -> int:
    """Raises http.client.IncompleteRead if the stream ends without its last chunk."""
    (folder / "own_app.py").write_text(WATCHER)
    until = "/readyz" if module == "uvicorn_pod" else "port"
    options = ("--timeout-graceful-shutdown=10", f"--app-dir={folder}", *options)
    with serving("own_app:app", *options, module=module, until=until) as served:
        connection = http.client.HTTPConnection("127.0.0.1", served.port, timeout=15)
        with closing(connection):
            connection.request(method, "/")
            with connection.getresponse() as response:
                assert response.readline() == b"data: tick\n"
                served.terminate()
                rest = response.read()
    return rest.count(b"data: tick")


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_stream_continues_in_the_drain_and_ends_with_its_last_chunk(
    tmp_path: Path, method: str
) -> None:
    ticks = _ticks_after_sigterm(tmp_path, method, "uvicorn_pod", "--drain-seconds=1")
    assert ticks >= 5, f"{method}: {ticks} events after SIGTERM, about 10 in the drain"


def test_plain_uvicorn_lets_the_library_cut_the_stream(tmp_path: Path) -> None:
    with pytest.raises(http.client.IncompleteRead):
        _ticks_after_sigterm(tmp_path, "GET", "uvicorn")
