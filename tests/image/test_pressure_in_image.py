"""What the runtime does under pressure (docs/under-pressure.md) works in the real image.

The details are tested on loopback, in tests/runtime. Each test here has a control.
"""

import asyncio
import json
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from cluster.release.names import ROOT, image
from tests.image.containers import log, started
from tests.runtime.reported import sample
from tests.support.http_client import LOST, Answer, Client, get
from tests.support.open_loop import arrive
from tests.support.raw_connection import connected, read_to_end
from tests.support.serving import free_port
from tests.support.waiting import wait_until

REFERENCE = "reference.main:app"
THREADS = "threads_app:app"  # of tests/runtime
MOUNT = "/pressure"
BLOCK_MS = 900
UPLOAD = b"POST /echo HTTP/1.1\r\nhost: a\r\ncontent-length: 100\r\n\r\nx"


@dataclass
class Container:
    """A server in the reference image."""

    port: int
    management_port: int
    name: str

    def ask(self, path: str) -> Answer:
        """Sends a GET to the management port."""
        return get(self.management_port, path)

    def answers(self) -> bool:
        """Whether the app's port answers."""
        try:
            return get(self.port, "/async").status in (200, 404)
        except LOST:
            return False


@contextmanager
def serving(*options: str, app: str = REFERENCE, plain: bool = False) -> Iterator[Container]:
    """Runs the app in the image, under `uvicorn-pod` or under plain uvicorn."""
    port, management_port = free_port(), free_port()
    docker = ["--user=65532", f"--volume={ROOT}/tests/runtime:{MOUNT}:ro"]
    arguments = [app, "--host=127.0.0.1", f"--port={port}", *options]
    if app == THREADS:
        arguments.append(f"--app-dir={MOUNT}")
    if plain:
        docker.append("--entrypoint=python")
        arguments = ["-m", "uvicorn", *arguments]
    else:
        arguments.append(f"--management-port={management_port}")
    with started(image("reference"), *arguments, options=tuple(docker)) as name:
        server = Container(port, management_port, name)
        wait_until(server.answers, 30, f"{app} answers")
        yield server


def blocks(server: Container) -> list[dict[str, Any]]:
    """The lines of the log that name a handler."""
    lines = [json.loads(line) for line in log(server.name).splitlines() if line.startswith("{")]
    return [line for line in lines if "handler" in line]


def test_a_blocked_event_loop_is_named() -> None:
    with serving() as server:
        get(server.port, f"/work?ms={BLOCK_MS}")
        (found,) = wait_until(lambda: blocks(server), 10, "the line that blocks")
    handler = found["handler"]
    assert (handler["file"], handler["function"]) == ("/app/reference/routes.py", "work"), found


def test_the_control_plain_uvicorn_does_not_name_it() -> None:
    with serving(plain=True) as server:
        get(server.port, f"/work?ms={BLOCK_MS}")
        assert "routes.py" not in log(server.name)


def test_a_full_thread_pool_shows_while_cpu_is_low() -> None:
    with serving(app=THREADS) as server, ThreadPoolExecutor(100) as clients:
        get(server.port, "/async")
        before, begun = sample(server, "process_cpu_seconds_total"), time.monotonic()
        answers = [clients.submit(get, server.port, "/sync", 30) for _ in range(100)]
        waiting = "uvicorn_thread_tasks_waiting"
        wait_until(lambda: sample(server, waiting) == 60, 10, "60 of 100 calls wait")
        in_use = sample(server, "uvicorn_thread_tokens_in_use")
        assert in_use == 40, f"{in_use} threads in use"
        assert {answer.result().status for answer in answers} == {200}
        computed = sample(server, "process_cpu_seconds_total") - before
        share = computed / (time.monotonic() - begun)
    assert share < 0.25, f"the process used {share:.2f} of a core"


def test_deadlines_end_a_slow_handler_and_a_slow_body() -> None:
    with serving("--request-seconds=1", "--body-seconds=1") as server:
        assert get(server.port, "/slow?seconds=20").status == 503
        with connected(server.port) as client:
            client.sendall(UPLOAD)
            answer = read_to_end(client)
        assert answer.startswith(b"HTTP/1.1 408 "), f"answer {answer!r}"
        assert sample(server, "uvicorn_requests_overdue_total") == 1
        assert sample(server, "uvicorn_requests_refused_total", status="408") == 1


def test_the_control_plain_uvicorn_waits_for_both() -> None:
    with serving(plain=True) as server, connected(server.port) as client:
        client.sendall(UPLOAD)
        assert get(server.port, "/slow?seconds=3").status == 200
        client.sendall(b"x" * 99)
        assert client.recv(100).startswith(b"HTTP/1.1 200 ")


def _is_told_to_close(server: Container, seconds: float) -> bool:
    with Client(server.port) as client:
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            if client.get("/").is_closing:
                return True
            time.sleep(0.05)
    return False


def test_a_kept_connection_ends_by_age() -> None:
    with serving("--max-connection-seconds=1") as server:
        assert _is_told_to_close(server, 5), "the connection is kept for 5 s"
        assert sample(server, "uvicorn_connections_expired_total") == 1


def test_the_control_plain_uvicorn_keeps_it() -> None:
    with serving(plain=True) as server:
        assert not _is_told_to_close(server, 3), "plain uvicorn ends the connection"


def test_requests_that_waited_too_long_are_refused_at_once() -> None:
    """Twelve requests of 0.3 s arrive in one second: three can be answered in time."""
    with serving("--max-wait-seconds=0.5") as server:
        arrivals = asyncio.run(arrive(server.port, "/work?ms=300", 12, 1, 2))
        shed = sample(server, "uvicorn_requests_shed_total")
    assert shed > 3, f"{shed} requests refused: {arrivals.outcomes}"
    assert arrivals.outcomes["503"] == shed, f"{shed} counted, {arrivals.outcomes} seen"


def test_the_control_plain_uvicorn_lets_them_wait() -> None:
    with serving(plain=True) as server:
        arrivals = asyncio.run(arrive(server.port, "/work?ms=300", 12, 1, 2))
    assert arrivals.outcomes["gave up"] > 3, f"plain uvicorn: {arrivals.outcomes}"
    assert not arrivals.outcomes["503"], f"plain uvicorn: {arrivals.outcomes}"
