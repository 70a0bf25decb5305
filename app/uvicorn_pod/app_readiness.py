"""What the app itself says of its readiness, asked by the management threads.

The app leaves a check in the state of its lifespan, which any ASGI framework hands over:

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
MAX_TEXT = 200  # of an exception's text

logger = logging.getLogger("uvicorn.error")

Check = Callable[[], object]


class Readiness:
    """Runs the app's check, one at a time, on a thread of its own; its coroutine on the loop.

    The check says no by returning False or by raising; anything else is a yes.
    """

    def __init__(self, heartbeat: Heartbeat, seconds: float) -> None:
        """`seconds` is what the check may take, and what `why_not` may."""
        self._heartbeat = heartbeat
        self._seconds = seconds
        self._check: Check | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._task: asyncio.Task[object] | None = None
        self._lock = threading.Lock()
        self._is_done = threading.Event()
        self._is_done.set()
        self._beats = 0
        self._reason: str | None = "the app's readiness check has not ended once"

    def watch(self, check: Check, loop: asyncio.AbstractEventLoop) -> None:
        """From now on `check` is asked; what it awaits is awaited on the loop."""
        self._check, self._loop = check, loop

    def why_not(self) -> str | None:
        """None if the app is ready or says nothing of it, else why not, in one line.

        Where the loop is too busy to run the check, what it said last still holds: a pod that is
        busy is not one that is broken, and liveness looks at a loop that is stuck.
        """
        if self._check is None:
            return None
        with self._lock:
            if self._is_done.is_set():
                self._is_done.clear()
                self._beats = self._heartbeat.beats
                threading.Thread(target=self._run, args=[self._check], daemon=True).start()
        if not self._is_done.wait(self._seconds) and self._had_its_time():
            self._set(f"the app's readiness check takes more than {self._seconds:g} s")
            task = self._task  # which its own thread may forget meanwhile
            if task is not None and self._loop is not None:
                self._loop.call_soon_threadsafe(task.cancel)
        return self._reason

    def _had_its_time(self) -> bool:
        """Whether the loop turned freely for half of the time at least."""
        beats = self._heartbeat.beats - self._beats
        return beats * INTERVAL_SECONDS >= self._seconds / 2

    def _run(self, check: Check) -> None:
        try:
            answer = check()
            if inspect.isawaitable(answer) and self._loop is not None:
                answer = asyncio.run_coroutine_threadsafe(self._await(answer), self._loop).result()
        except CancelledError:
            pass  # it took too long, which is known
        except BaseException as error:  # noqa: BLE001 - whatever it is, the app is not ready
            self._set(ascii(f"{type(error).__name__}: {error}"[:MAX_TEXT])[1:-1])
        else:
            self._set("the app's readiness check says no" if answer is False else None)
        finally:
            self._task = None
            self._is_done.set()

    async def _await(self, answer: Awaitable[object]) -> object:
        self._task = asyncio.current_task()
        return await answer

    def _set(self, reason: str | None) -> None:
        """Also logs a change: a probe's event in Kubernetes bears the status alone."""
        if reason != self._reason:
            logger.warning("Not ready: %s.", reason) if reason else logger.info("Ready.")
        self._reason = reason
