"""Runs the readiness check that an app may define; probes.py makes it part of `/readyz`.

The app puts the check into its lifespan state, which every ASGI framework can do:

    yield {"uvicorn_pod.ready": check}
"""

import asyncio
import inspect
import logging
import threading
from collections.abc import Awaitable, Callable
from concurrent.futures import CancelledError

from uvicorn_pod.loop_heartbeat import INTERVAL_SECONDS, Heartbeat

STATE_KEY = "uvicorn_pod.ready"
MAX_TEXT = 200  # characters of an exception's text

logger = logging.getLogger("uvicorn.error")

ReadinessCheck = Callable[[], object]


class AppReadiness:
    """Runs the app's check in a separate thread, one at a time; its coroutine runs on the loop.

    The app is not ready if the check returns False or raises. Any other result means ready.
    """

    def __init__(self, heartbeat: Heartbeat, seconds: float) -> None:
        """`seconds` limits the time of one check, and of one call of `why_not`."""
        self._heartbeat = heartbeat
        self._seconds = seconds
        self._check: ReadinessCheck | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._task: asyncio.Task[object] | None = None
        self._lock = threading.Lock()
        self._is_done = threading.Event()
        self._is_done.set()
        self._beats = 0
        self._reason: str | None = "the app's readiness check has not finished yet"

    def watch(self, check: ReadinessCheck, loop: asyncio.AbstractEventLoop) -> None:
        """Sets the check to run from now on. If it returns an awaitable, `loop` awaits it."""
        self._check, self._loop = check, loop

    def why_not(self) -> str | None:
        """Runs the check. Returns None if the app is ready or has no check, otherwise the reason.

        If the loop is too busy to run the check, the last result still holds. A busy pod is not
        broken, and `/livez` detects a loop that is stuck.
        """
        if self._check is None:
            return None
        with self._lock:
            if self._is_done.is_set():
                self._is_done.clear()
                self._beats = self._heartbeat.beats
                threading.Thread(target=self._run, args=[self._check], daemon=True).start()
        if not self._is_done.wait(self._seconds) and self._was_loop_free():
            self._set(f"the app's readiness check takes more than {self._seconds:g} s")
            task = self._task  # the check's thread may clear the attribute meanwhile
            if task is not None and self._loop is not None:
                self._loop.call_soon_threadsafe(task.cancel)
        return self._reason

    def _was_loop_free(self) -> bool:
        """Whether the loop was free for at least half of the time that the check had."""
        beats = self._heartbeat.beats - self._beats
        return beats * INTERVAL_SECONDS >= self._seconds / 2

    def _run(self, check: ReadinessCheck) -> None:
        try:
            answer = check()
            if inspect.isawaitable(answer) and self._loop is not None:
                answer = asyncio.run_coroutine_threadsafe(self._await(answer), self._loop).result()
        except CancelledError:
            pass  # it took too long, and why_not has said so
        except BaseException as error:  # noqa: BLE001 - after any error the app is not ready
            self._set(ascii(f"{type(error).__name__}: {error}"[:MAX_TEXT])[1:-1])
        else:
            self._set("the app's readiness check returned False" if answer is False else None)
        finally:
            self._task = None
            self._is_done.set()

    async def _await(self, answer: Awaitable[object]) -> object:
        self._task = asyncio.current_task()
        return await answer

    def _set(self, reason: str | None) -> None:
        """Stores the reason, and logs a change: Kubernetes' probe events show only the status."""
        if reason != self._reason:
            logger.warning("Not ready: %s.", reason) if reason else logger.info("Ready.")
        self._reason = reason
