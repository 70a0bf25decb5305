"""The metrics show a full thread pool, which neither CPU nor the loop's lag can show."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from uvicorn_pod import thread_pool

from tests.runtime.reported import sample
from tests.support.http_client import get
from tests.support.metrics_text import total
from tests.support.serving import Served, serving
from tests.support.waiting import wait_until

APP = "tests.runtime.threads_app:app"
SIZE, IN_USE, WAITING = (
    "uvicorn_thread_tokens",
    "uvicorn_thread_tokens_in_use",
    "uvicorn_thread_tasks_waiting",
)
# Answers with the names of the loaded modules of anyio.
BARE = """
import sys

async def app(scope, receive, send):
    assert scope["type"] == "http"
    found = " ".join(name for name in sys.modules if name.startswith("anyio"))
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": found.encode()})
"""

# Uses anyio for the first time in its lifespan, and sets the size of the pool.
SIZED = """
async def app(scope, receive, send):
    import anyio.to_thread
    limiter = anyio.to_thread.current_default_thread_limiter()
    if scope["type"] == "lifespan":
        limiter.total_tokens = 7
        await receive()
        await send({"type": "lifespan.startup.complete"})
        await receive()
        await send({"type": "lifespan.shutdown.complete"})
    else:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"%d" % limiter.total_tokens})
"""


@contextmanager
def requests(port: int, path: str, number: int) -> Iterator[None]:
    """Keeps one request each on `number` connections in flight."""
    threads = [threading.Thread(target=get, args=[port, path, 60]) for _ in range(number)]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        for thread in threads:
            thread.join()


def figures(served: Served) -> tuple[float, float, float]:
    """Size of the pool, tokens in use, calls that wait."""
    shown = served.ask("/metrics").body.decode()
    return total(shown, SIZE), total(shown, IN_USE), total(shown, WAITING)


def cpu_seconds(served: Served) -> float:
    return sample(served, "process_cpu_seconds_total")


def beats(served: Served) -> tuple[float, float]:
    """The beats of the loop, and those of them that were 0.25 s late at most."""
    name = "uvicorn_event_loop_lag_seconds"
    return sample(served, f"{name}_count"), sample(served, f"{name}_bucket", le="0.25")


@pytest.mark.quiet
@pytest.mark.parametrize(
    ("options", "wanted"),
    [((), (40, 40, 60)), (("--thread-tokens=70",), (70, 70, 30))],
    ids=["anyio's default", "--thread-tokens"],
)
def test_100_synchronous_requests_fill_the_pool_and_the_rest_waits(
    options: tuple[str, ...], wanted: tuple[int, int, int]
) -> None:
    with serving(APP, *options) as served, requests(served.port, "/sync", 100):
        wait_until(lambda: figures(served) == wanted, 20, f"size, in use, waiting: {wanted}")
        before, started = (cpu_seconds(served), *beats(served)), time.monotonic()
        assert served.get("/async").body == b'"answered"', "the loop is free"
        wait_until(lambda: figures(served)[2] < wanted[2], 20, "the first calls are done")
        computed, all_beats, punctual = (
            now - then
            for now, then in zip((cpu_seconds(served), *beats(served)), before, strict=True)
        )
        share = computed / (time.monotonic() - started)
        assert share < 0.25, f"the control: while it waits, the process uses {share:.2f} of a core"
        # On a machine without a free core, a beat may be late although the loop is free.
        assert punctual >= 0.8 * all_beats, f"{all_beats} beats, but {punctual} of them punctual"
        wait_until(lambda: figures(served)[1:] == (0, 0), 30, "nothing waits at the end")


def test_metrics_are_absent_and_anyio_is_not_imported_without_anyio(tmp_path: Path) -> None:
    (tmp_path / "bare.py").write_text(BARE)
    with serving("bare:app", f"--app-dir={tmp_path}", "--thread-tokens=70") as served:
        answer = served.get("/")
        assert (answer.status, answer.body) == (200, b""), f"loaded of anyio: {answer.body!r}"
        assert "uvicorn_thread" not in served.ask("/metrics").body.decode()


def test_size_that_the_app_sets_stays(tmp_path: Path) -> None:
    (tmp_path / "sized.py").write_text(SIZED)
    with serving("sized:app", f"--app-dir={tmp_path}", "--thread-tokens=3") as served:
        wait_until(lambda: sample(served, SIZE) > 0, 5, "the runtime has found the pool")
        body = served.get("/").body
        assert body == b"7", f"the app has set 7 threads, the pool has {body!r}"


def test_anyio_keeps_its_backend_where_the_runtime_looks_for_it() -> None:
    """If this fails, anyio has moved it: change BACKEND_MODULE, or the metrics are never shown."""
    with serving(APP) as served:
        assert served.get("/async").status == 200
        with requests(served.port, "/sync", 1):
            wait_until(
                lambda: sample(served, SIZE) == 40, 5, f"{thread_pool.BACKEND_MODULE} is loaded"
            )
