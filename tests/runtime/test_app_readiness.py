"""The app adds its own say to /readyz, with no import of ours; whatever its check does."""

import asyncio
import os
import signal
import threading
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path

import pytest
from fastapi import FastAPI
from starlette.applications import Starlette
from uvicorn_pod.app_readiness import Check, Readiness
from uvicorn_pod.loop_heartbeat import INTERVAL_SECONDS, Heartbeat

from tests.support.http_client import Answer
from tests.support.serving import serving
from tests.support.waiting import wait_until

BOUND_SECONDS = 0.4


async def _app_is_ready() -> bool:
    """Says what the file that a test writes says."""
    text = await asyncio.to_thread(Path(os.environ["READY_FILE"]).read_text)
    if text == "hang":
        await asyncio.sleep(600)
    if text == "block":
        time.sleep(1.5)  # noqa: ASYNC251 - as a careless handler does
    return text == "yes"


@asynccontextmanager
async def _tell(_app: Starlette) -> AsyncIterator[dict[str, object]]:
    yield {"uvicorn_pod.ready": _app_is_ready}


app = FastAPI(lifespan=_tell)


def test_readyz_follows_the_app_and_the_other_probes_do_not(tmp_path: Path) -> None:
    told = tmp_path / "ready"
    told.write_text("no")
    options = {"until": "/startupz", "READY_FILE": str(told)}
    with serving(
        "tests.runtime.test_app_readiness:app", "--readiness-seconds=0.5", **options
    ) as served:

        def readyz() -> Answer:
            started = time.monotonic()
            answer = served.ask("/readyz")
            assert time.monotonic() - started < 3
            return answer

        assert (readyz().status, readyz().body) == (503, b"the app's readiness check says no\n")
        told.write_text("yes")
        assert (readyz().status, readyz().body) == (200, b"ok\n")
        told.unlink()
        assert (readyz().status, readyz().body[:18]) == (503, b"FileNotFoundError:")
        told.write_text("hang")
        assert readyz().body == b"the app's readiness check takes more than 0.5 s\n"
        # While it hangs all else is answered, and it is well again by itself.
        assert served.get("/openapi.json").status == 200
        assert served.ask("/livez").status == 200
        told.write_text("yes")
        wait_until(lambda: readyz().status == 200, 5, "the app is ready again")
        served.process.send_signal(signal.SIGINT)
        served.process.wait(20)
        log = served.log()
    assert log.count('"message":"Not ready: ') == 3
    assert log.count('"message":"Ready."') == 2
    assert "Traceback" not in log


def test_a_busy_loop_does_not_make_an_app_unready(tmp_path: Path) -> None:
    told = tmp_path / "ready"
    told.write_text("yes")
    options = {"until": "/readyz", "READY_FILE": str(told)}
    with serving(
        "tests.runtime.test_app_readiness:app", "--readiness-seconds=0.3", **options
    ) as served:
        told.write_text("block")  # the loop itself for 1.5 s, five times the bound
        assert [served.ask("/readyz").status for _ in range(3)] == [200] * 3
        told.write_text("no")
        wait_until(lambda: served.ask("/readyz").status == 503, 5, "it is asked again")


@contextmanager
def _asking(check: Check, *, is_watched: bool = True) -> Iterator[Readiness]:
    """A readiness whose loop runs in a thread."""
    loop = asyncio.new_event_loop()
    heartbeat = Heartbeat(lambda _lag: None)
    loop.call_soon(heartbeat.start, loop)
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    readiness = Readiness(heartbeat, BOUND_SECONDS)
    if is_watched:
        readiness.watch(check, loop)
    try:
        yield readiness
    finally:
        for task in asyncio.all_tasks(loop):
            loop.call_soon_threadsafe(task.cancel)
        time.sleep(2 * INTERVAL_SECONDS)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(5)
        loop.close()


async def _say(answer: object) -> object:
    await asyncio.sleep(0)
    return answer


def _fail() -> None:
    raise SystemExit("the database\nis away \x1b[31m")


@pytest.mark.parametrize(
    ("check", "reason"),
    [
        (lambda: True, None),
        (lambda: None, None),
        (lambda: _say(None), None),
        (lambda: False, "the app's readiness check says no"),
        (lambda: _say(False), "the app's readiness check says no"),
        (_fail, r"SystemExit: the database\nis away \x1b[31m"),
        ("no function", "TypeError: 'str' object is not callable"),
    ],
)
def test_what_a_check_says_is_told_in_one_line(check: Check, reason: str | None) -> None:
    with _asking(check) as readiness:
        assert readiness.why_not() == reason


def test_without_a_check_the_app_is_ready() -> None:
    with _asking(_fail, is_watched=False) as readiness:
        assert readiness.why_not() is None


async def _hang_stubbornly() -> None:
    while True:
        try:
            await asyncio.sleep(600)
        except asyncio.CancelledError:
            if not asyncio.get_running_loop().is_running():
                raise


@pytest.mark.parametrize(
    "hang",
    [lambda: time.sleep(3), lambda: asyncio.sleep(600), _hang_stubbornly],
    ids=["in a thread", "on the loop", "whatever cancels it"],
)
def test_a_check_that_hangs_is_run_once_at_a_time(hang: Callable[[], object]) -> None:
    running = 0
    most = 0

    def check() -> object:
        nonlocal running, most
        running += 1
        most = max(most, running)
        answer = hang()
        if not asyncio.iscoroutine(answer):
            running -= 1
            return answer

        async def count() -> None:
            nonlocal running
            try:
                await answer
            finally:
                running -= 1

        return count()

    with _asking(check) as readiness:
        before = threading.active_count()
        for _ in range(3):
            started = time.monotonic()
            assert readiness.why_not() == "the app's readiness check takes more than 0.4 s"
            assert time.monotonic() - started < 2 * BOUND_SECONDS
        assert most == 1
        assert threading.active_count() - before <= 1
