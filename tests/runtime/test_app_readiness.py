"""An app can define a readiness check for `/readyz`; a check that hangs or raises does no harm."""

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
from uvicorn_pod import app_readiness
from uvicorn_pod.app_readiness import AppReadiness, ReadinessCheck
from uvicorn_pod.loop_heartbeat import INTERVAL_SECONDS, Heartbeat

from tests.support.http_client import Answer
from tests.support.serving import Served, serving
from tests.support.waiting import wait_until

LIMIT_SECONDS = 0.4


async def _app_is_ready() -> bool:
    """Behaves as the test's file says: `yes`, `no`, `hang` or `block`."""
    text = await asyncio.to_thread(Path(os.environ["READY_FILE"]).read_text)
    if text == "hang":
        await asyncio.sleep(600)
    if text == "block":
        time.sleep(1.5)  # noqa: ASYNC251 - as a careless handler does
    return text == "yes"


@asynccontextmanager
async def _lifespan(_app: Starlette) -> AsyncIterator[dict[str, object]]:
    yield {"uvicorn_pod.ready": _app_is_ready}


app = FastAPI(lifespan=_lifespan)


@contextmanager
def checking(
    folder: Path, state: str, *, seconds: float, until: str
) -> Iterator[tuple[Served, Path]]:
    """The app above as a server, and the file whose text its readiness check follows."""
    file = folder / "ready"
    file.write_text(state)
    options = [f"--readiness-seconds={seconds}"]
    name = "tests.runtime.test_app_readiness:app"
    with serving(name, *options, until=until, READY_FILE=str(file)) as served:
        yield served, file


def test_readyz_follows_the_app_and_the_other_probes_ignore_it(tmp_path: Path) -> None:
    with checking(tmp_path, "no", seconds=0.5, until="/startupz") as (served, file):

        def readyz() -> Answer:
            started = time.monotonic()
            answer = served.ask("/readyz")
            assert time.monotonic() - started < 3
            return answer

        assert (readyz().status, readyz().body) == (
            503,
            b"the app's readiness check returned False\n",
        )
        file.write_text("yes")
        assert (readyz().status, readyz().body) == (200, b"ok\n")
        file.unlink()
        assert (readyz().status, readyz().body[:18]) == (503, b"FileNotFoundError:")
        file.write_text("hang")
        assert readyz().body == b"the app's readiness check takes more than 0.5 s\n"
        # While the check hangs, everything else is answered. Later the app is ready again.
        assert served.get("/openapi.json").status == 200
        assert served.ask("/livez").status == 200
        file.write_text("yes")
        wait_until(lambda: readyz().status == 200, 5, "the app is ready again")
        served.process.send_signal(signal.SIGINT)
        served.process.wait(20)
        log = served.log()
    assert log.count('"message":"Not ready: ') == 3
    assert log.count('"message":"Ready."') == 2
    assert "Traceback" not in log


def test_a_busy_loop_leaves_the_app_ready(tmp_path: Path) -> None:
    with checking(tmp_path, "yes", seconds=0.3, until="/readyz") as (served, file):
        file.write_text("block")  # blocks the loop for 1.5 s, five times the limit
        assert [served.ask("/readyz").status for _ in range(3)] == [200] * 3
        file.write_text("no")
        wait_until(lambda: served.ask("/readyz").status == 503, 5, "the check runs again")


@contextmanager
def _running(check: ReadinessCheck, *, is_watched: bool = True) -> Iterator[AppReadiness]:
    """Yields a readiness that runs the check on a loop in a thread."""
    loop = asyncio.new_event_loop()
    heartbeat = Heartbeat(lambda _lag: None)
    loop.call_soon(heartbeat.start, loop)
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    readiness = AppReadiness(heartbeat, LIMIT_SECONDS)
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


async def _return(answer: object) -> object:
    await asyncio.sleep(0)
    return answer


def _fail() -> None:
    raise SystemExit("the database\nis down \x1b[31m")


@pytest.mark.parametrize(
    ("check", "reason"),
    [
        (lambda: True, None),
        (lambda: None, None),
        (lambda: _return(None), None),
        (lambda: False, "the app's readiness check returned False"),
        (lambda: _return(False), "the app's readiness check returned False"),
        (_fail, r"SystemExit: the database\nis down \x1b[31m"),
        ("not a function", "TypeError: 'str' object is not callable"),
    ],
)
def test_readiness_gives_the_result_of_the_check_in_one_line(
    check: ReadinessCheck, reason: str | None
) -> None:
    with _running(check) as readiness:
        assert readiness.why_not() == reason


def test_readiness_is_ready_without_a_check() -> None:
    with _running(_fail, is_watched=False) as readiness:
        assert readiness.why_not() is None


async def _hang_stubbornly() -> None:
    while True:
        try:
            await asyncio.sleep(600)
        except asyncio.CancelledError:
            if not asyncio.get_running_loop().is_running():
                raise


@pytest.mark.parametrize(
    ("hang", "allowed"),
    [(lambda: time.sleep(3), 2), (lambda: asyncio.sleep(600), 1), (_hang_stubbornly, 2)],
    ids=["in a thread", "on the loop", "despite cancellation"],
)
def test_a_check_that_hangs_gets_one_replacement_at_a_time(
    hang: Callable[[], object], allowed: int
) -> None:
    """The second check starts after 0.8 s, the third would start 1.6 s after that."""
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

    with _running(check) as readiness:
        before = threading.active_count()
        for _ in range(3):
            started = time.monotonic()
            assert readiness.why_not() == "the app's readiness check takes more than 0.4 s"
            assert time.monotonic() - started < 2 * LIMIT_SECONDS
        assert most <= allowed
        assert threading.active_count() - before <= allowed


@pytest.mark.parametrize("is_async", [False, True], ids=["in a thread", "despite cancellation"])
def test_the_app_is_ready_again_although_an_earlier_check_hangs(
    is_async: bool, caplog: pytest.LogCaptureFixture
) -> None:
    is_hanging = True
    end, has_ended = threading.Event(), threading.Event()

    def hang() -> bool:
        end.wait(60)
        has_ended.set()
        return False

    def check() -> object:
        if is_hanging:
            return _hang_stubbornly() if is_async else hang()
        return True

    with _running(check) as readiness:
        assert readiness.why_not() == "the app's readiness check takes more than 0.4 s"
        is_hanging = False
        wait_until(lambda: readiness.why_not() is None, 5, "a later check passes")
        end.set()
        assert is_async or has_ended.wait(5), "the earlier check did not end"
        assert readiness.why_not() is None
    assert "returned False" not in caplog.text, "the result of the earlier check was used"


def test_checks_that_hang_use_a_bounded_number_of_threads(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(app_readiness, "MAX_STUCK", 2)
    end = threading.Event()
    running = 0

    def check() -> object:
        nonlocal running
        running += 1
        return end.wait(60)

    with _running(check) as readiness:
        readiness._seconds = 0.05  # noqa: SLF001 - so that the waits between the checks are short
        deadline = time.monotonic() + 3
        while time.monotonic() < deadline:
            readiness.why_not()
        assert running == 3, f"{running} checks hang, allowed are 2 and the one that runs"
        end.set()
