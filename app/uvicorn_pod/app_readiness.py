"""Runs the readiness check that an app may define; probes.py makes it part of `/readyz`.

The app puts the check into its lifespan state, which every ASGI framework can do:

    yield {"uvicorn_pod.ready": check}
"""

import asyncio
import inspect
import logging
import threading
import time
from collections.abc import Awaitable, Callable
from concurrent.futures import CancelledError

from uvicorn_pod.loop_heartbeat import INTERVAL_SECONDS, Heartbeat

STATE_KEY = "uvicorn_pod.ready"
MAX_TEXT = 200  # characters of an exception's text
MAX_STUCK = 8  # replaced checks that still hang; with this many, a hanging check is not replaced

logger = logging.getLogger("uvicorn.error")

ReadinessCheck = Callable[[], object]


class AppReadiness:
    """Runs the app's check in a separate thread, one at a time; its coroutine runs on the loop.

    The app is not ready if the check returns False or raises. Any other result means ready.

    A check that hangs in a thread cannot be ended. A new one replaces it, first after twice the
    time that a check may take, then after twice as long each time.
    """

    def __init__(self, heartbeat: Heartbeat, seconds: float) -> None:
        """`seconds` limits the time of one check, and of one call of `why_not`."""
        self._heartbeat = heartbeat
        self._seconds = seconds
        self._check: ReadinessCheck | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._lock = threading.Lock()
        self._run: _Run | None = None
        self._stuck = 0  # replaced checks that have not ended
        self._reason: str | None = "the app's readiness check has not finished yet"

    def watch(self, check: ReadinessCheck, loop: asyncio.AbstractEventLoop) -> None:
        """Sets the check to run from now on. If it returns an awaitable, `loop` awaits it."""
        self._check, self._loop = check, loop

    def why_not(self) -> str | None:
        """Runs the check. Returns None if the app is ready or has no check, otherwise the reason.

        If the loop is too busy to run the check, the last result still holds. A busy pod is not
        broken, and `/livez` detects a loop that is stuck.
        """
        if self._check is None or self._loop is None:
            return None
        run = self._running(self._check, self._loop)
        if not run.is_done.wait(self._seconds) and self._was_loop_free(run):
            run.cancel()
            self._set(run, f"the app's readiness check takes more than {self._seconds:g} s")
        return self._reason

    def _running(self, check: ReadinessCheck, loop: asyncio.AbstractEventLoop) -> "_Run":
        """The check that runs now; starts one if there is none, or if it hangs for too long."""
        with self._lock:
            run = self._run
            if run is not None and not run.is_done.is_set():
                patience = self._seconds * 2 ** (self._stuck + 1)
                if not run.is_late or run.age_seconds() < patience or self._stuck >= MAX_STUCK:
                    return run
                self._stuck += 1
            self._run = run = _Run(check, loop, self._heartbeat.beats)
        threading.Thread(target=self._execute, args=[run], daemon=True).start()
        return run

    def _was_loop_free(self, run: "_Run") -> bool:
        """Whether the loop was free for at least half of the time that the check had."""
        beats = self._heartbeat.beats - run.first_beat
        return beats * INTERVAL_SECONDS >= self._seconds / 2

    def _execute(self, run: "_Run") -> None:
        try:
            answer = run.result()
        except CancelledError:
            pass  # it took too long, and why_not has said so
        except BaseException as error:  # noqa: BLE001 - after any error the app is not ready
            self._set(run, ascii(f"{type(error).__name__}: {error}"[:MAX_TEXT])[1:-1])
        else:
            reason = "the app's readiness check returned False" if answer is False else None
            self._set(run, reason)
        finally:
            with self._lock:
                if run is not self._run:
                    self._stuck -= 1
            run.is_done.set()

    def _set(self, run: "_Run", reason: str | None) -> None:
        """Stores the reason, and logs a change: Kubernetes' probe events show only the status.

        Ignores a check that was replaced.
        """
        if run is not self._run:
            return
        if reason != self._reason:
            logger.warning("Not ready: %s.", reason) if reason else logger.info("Ready.")
        self._reason = reason


class _Run:
    """One run of the check."""

    def __init__(
        self, check: ReadinessCheck, loop: asyncio.AbstractEventLoop, first_beat: int
    ) -> None:
        self._check = check
        self._loop = loop
        self._started = time.monotonic()
        self._task: asyncio.Task[object] | None = None
        self.first_beat = first_beat
        self.is_done = threading.Event()
        self.is_late = False

    def age_seconds(self) -> float:
        return time.monotonic() - self._started

    def result(self) -> object:
        """Runs the check, in the thread that calls this, until it ends."""
        answer = self._check()
        if inspect.isawaitable(answer):
            return asyncio.run_coroutine_threadsafe(self._await(answer), self._loop).result()
        return answer

    def cancel(self) -> None:
        """Cancels the check if it runs on the loop; a thread cannot be cancelled."""
        self.is_late = True
        task = self._task  # the loop may clear the attribute meanwhile
        if task is not None:
            self._loop.call_soon_threadsafe(task.cancel)

    async def _await(self, answer: Awaitable[object]) -> object:
        self._task = asyncio.current_task()
        try:
            return await answer
        finally:
            self._task = None
