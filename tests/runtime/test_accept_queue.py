"""Connections that the runtime accepts itself are served, counted and ended as others."""

import signal
import socket
import time
from pathlib import Path
from threading import Thread

import pytest

from tests.runtime.reported import sample
from tests.support.http_client import HOST, Client
from tests.support.serving import REFERENCE, serving
from tests.support.waiting import wait_until

IMPATIENT_APP = """
import socket

from reference.main import app

socket.setdefaulttimeout(3)
"""


@pytest.mark.parametrize("kind", ["tcp", "unix"])
def test_connections_that_wait_are_accepted_once_the_loop_is_free(
    kind: str, tmp_path: Path
) -> None:
    path = str(tmp_path / "socket")
    options = [f"--uds={path}"] if kind == "unix" else []
    with serving(REFERENCE, *options) as served:
        address = path if kind == "unix" else (HOST, served.port)
        family = socket.AF_UNIX if kind == "unix" else socket.AF_INET
        waiting = [socket.socket(family, socket.SOCK_STREAM) for _ in range(40)]
        try:
            for connection in waiting:
                connection.settimeout(10)
                connection.connect(address)
                connection.sendall(b"GET /bytes?size=2 HTTP/1.1\r\nhost: a\r\n\r\n")
            for connection in waiting:
                assert connection.recv(100).startswith(b"HTTP/1.1 200"), "wanted an answer"
            wait_until(lambda: sample(served, "uvicorn_connections") == 40, 5, "40 are counted")
        finally:
            for connection in waiting:
                connection.close()


def test_an_app_that_sets_a_default_timeout_for_sockets_does_not_block_the_loop(
    tmp_path: Path,
) -> None:
    """Python gives that timeout to each new socket object, and its accept would wait for it."""
    (tmp_path / "impatient.py").write_text(IMPATIENT_APP)
    with serving("impatient:app", f"--app-dir={tmp_path}") as served:
        started = time.monotonic()
        status = served.get("/").status
        seconds = time.monotonic() - started
    assert (status, seconds < 1) == (200, True), f"GET /: {status} after {seconds:.1f} s, wanted 1"


def test_a_stopped_server_has_closed_its_port() -> None:
    """The copies of its sockets are closed before uvicorn waits for the answers under way."""
    with serving(REFERENCE, "--drain-seconds=0") as served, Client(served.port) as client:
        client.send("/slow?seconds=2")
        time.sleep(0.3)
        served.terminate()
        wait_until(lambda: _is_refused(served.port), 1.5, "the port refuses connections")
        assert client.receive().status == 200, "the answer under way was lost"


def _is_refused(port: int) -> bool:
    try:
        socket.create_connection((HOST, port), timeout=1).close()
    except ConnectionRefusedError:
        return True
    return False


def test_connections_made_while_it_stops_do_not_hold_the_exit() -> None:
    with serving(REFERENCE, "--drain-seconds=0") as served:
        stop = time.monotonic() + 1
        refused: list[int] = []
        thread = Thread(target=_connect_until, args=(served.port, stop, refused))
        thread.start()
        time.sleep(0.3)
        served.terminate()
        assert served.process.wait(timeout=5) == -signal.SIGTERM, served.log()
        thread.join()
    assert refused, "no connection was tried after the end"


def _connect_until(port: int, stop: float, refused: list[int]) -> None:
    open_ones = []
    while time.monotonic() < stop:
        try:
            open_ones.append(socket.create_connection((HOST, port), timeout=1))
        except OSError:
            refused.append(1)
        time.sleep(0.005)
    for connection in open_ones:
        connection.close()
