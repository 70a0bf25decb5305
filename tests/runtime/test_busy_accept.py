"""New connections are answered next to busy ones, also with TLS, and stalled ones hold no exit."""

import asyncio
import signal
import ssl
import subprocess
from pathlib import Path

import pytest

from tests.support.http_client import HOST
from tests.support.serving import REFERENCE, Served, serving

BUSY = "/work?ms=100"
TURNS = 20  # in which plain uvicorn accepts as many connections
MORE_TURNS = 5  # in which the loop is still busy, while a client that is late counts the answers
NEW = 60
STALLED = 30

Streams = tuple[asyncio.StreamReader, asyncio.StreamWriter]


@pytest.fixture(scope="module")
def tls(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """The options for a certificate that nobody trusts."""
    key, certificate = (tmp_path_factory.mktemp("tls") / name for name in ("key", "certificate"))
    _make_certificate(key, certificate)
    return [f"--ssl-keyfile={key}", f"--ssl-certfile={certificate}"]


def _make_certificate(key: Path, certificate: Path) -> None:
    curve = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"]
    names = ["-keyout", str(key), "-out", str(certificate), "-subj", "/CN=localhost"]
    command = ["openssl", "req", "-x509", "-nodes", "-days", "1", *curve, *names]
    subprocess.run(command, check=True, capture_output=True, timeout=30)


def _trusting_context() -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)  # loads no certificates, which takes long
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    return context


TRUSTING = _trusting_context()


async def _connect(served: Served, *, is_tls: bool) -> Streams:
    return await asyncio.open_connection(HOST, served.port, ssl=TRUSTING if is_tls else None)


def _request(path: str) -> bytes:
    return f"GET {path} HTTP/1.1\r\nhost: {HOST}\r\n\r\n".encode()


async def _read_answer(reader: asyncio.StreamReader) -> None:
    head = await reader.readuntil(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 200"), f"{head!r}, wanted 200"
    await reader.readexactly(int(head.lower().partition(b"content-length:")[2].split()[0]))


async def _keep_busy(served: Served, *, is_tls: bool) -> asyncio.Task[asyncio.StreamWriter]:
    """Occupies the loop until the writer is closed, which the task returns after TURNS turns.

    Pipelined requests run one in a turn, however slow the client is. A client that sent each after
    the answer before would leave turns without work, and in these the server accepts everything.
    """
    reader, writer = await _connect(served, is_tls=is_tls)

    async def read_answers() -> asyncio.StreamWriter:
        for _ in range(TURNS):
            await _read_answer(reader)
        return writer

    writer.write(_request(BUSY) * (TURNS + MORE_TURNS))
    task = asyncio.create_task(read_answers())
    await asyncio.sleep(0.1)  # the first request runs
    return task


async def _ask_once(served: Served, *, is_tls: bool) -> None:
    reader, writer = await _connect(served, is_tls=is_tls)
    writer.write(_request("/"))
    await _read_answer(reader)
    writer.transport.abort()


async def _count_answered(served: Served, *, is_tls: bool) -> int:
    """Returns how many new connections were answered before the loop was free."""
    busy = await _keep_busy(served, is_tls=is_tls)
    asking = [asyncio.create_task(_ask_once(served, is_tls=is_tls)) for _ in range(NEW)]
    writer = await busy
    answered = sum(task.done() for task in asking)
    writer.transport.abort()
    await asyncio.gather(*asking)
    return answered


@pytest.mark.parametrize("is_tls", [False, True], ids=["plain", "TLS"])
def test_new_connections_are_answered_next_to_busy_ones(tls: list[str], is_tls: bool) -> None:
    with serving(REFERENCE, *(tls if is_tls else []), "--max-connection-seconds=0") as served:
        answered = asyncio.run(_count_answered(served, is_tls=is_tls))
    assert answered == NEW, f"{answered} of {NEW} new connections were answered"


@pytest.mark.parametrize("is_tls", [False, True], ids=["plain", "TLS"])
def test_the_control_plain_uvicorn_lets_them_wait(tls: list[str], is_tls: bool) -> None:
    options = ["--log-level=warning", *(tls if is_tls else [])]
    with serving(REFERENCE, *options, module="uvicorn") as served:
        answered = asyncio.run(_count_answered(served, is_tls=is_tls))
    assert answered < NEW / 2, f"plain uvicorn also answers {answered} of {NEW}"


async def _stop_with_stalled_handshakes(served: Served) -> None:
    """Sends SIGTERM when the server has accepted connections that never begin their handshake."""
    busy = await _keep_busy(served, is_tls=True)
    first = asyncio.create_task(_ask_once(served, is_tls=True))
    await asyncio.sleep(0)
    stalled = [await asyncio.open_connection(HOST, served.port) for _ in range(STALLED)]
    await asyncio.gather(first, _ask_once(served, is_tls=True))
    assert not busy.done(), "the connection behind the stalled ones waited until the loop was free"
    (await busy).transport.abort()
    served.terminate()
    exited = await asyncio.to_thread(served.process.wait, 10)
    assert exited == -signal.SIGTERM, f"exit code {exited}: {served.log()}"
    for _, writer in stalled:
        writer.transport.abort()


def test_stalled_handshakes_hold_neither_others_nor_the_exit(tls: list[str]) -> None:
    options = ["--max-connection-seconds=0", "--drain-seconds=0"]
    with serving(REFERENCE, *tls, *options) as served:
        asyncio.run(_stop_with_stalled_handshakes(served))
        assert "Traceback" not in served.log(), served.log()
