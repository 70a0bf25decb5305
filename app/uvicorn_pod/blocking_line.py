"""Logs the line that blocks the event loop, once per block, and counts the blocks.

A thread samples the stack of the loop's thread. A *call* is what the loop runs in one go: a step of
a task, or a callback. One call that takes `seconds` is a block. Many short calls in one turn of the
loop are not, and time in which the machine gave the thread no core does not count.
"""

import asyncio
import contextlib
import logging
import sys
import threading
import time
from types import FrameType

from prometheus_client import CollectorRegistry, Counter

from uvicorn_pod import stack_report
from uvicorn_pod.probes import Probes
from uvicorn_pod.thread_clock import ThreadClock

LOOKS = 10  # in the time that makes a block
MAX_INTERVAL_SECONDS = 0.1
MAX_WAKING_SECONDS = 0.05  # between two moments in which a thread that waits for the GIL runs

logger = logging.getLogger("uvicorn.error")


class BlockingLine:
    """The settings and the counter."""

    def __init__(
        self, probes: Probes, seconds: float, app: str, registry: CollectorRegistry
    ) -> None:
        """`app` is MODULE:ATTRIBUTE. Its top-level package counts as the app's own code."""
        self.probes = probes
        self.seconds = seconds
        self._is_watching = False
        self._package = app.partition(":")[0].partition(".")[0]
        self._blocks = Counter(
            "uvicorn_event_loop_blocks",
            "Calls that blocked the event loop for --blocked-seconds. The log names their lines.",
            registry=registry,
        )

    def watch(self) -> None:
        """Watches the running loop until it is closed; only the first call has an effect."""
        if not self._is_watching:
            self._is_watching = True
            loop = asyncio.get_running_loop()
            loop.call_soon(self._start_thread, loop)

    def describe(self, innermost: FrameType, runner: FrameType) -> stack_report.Description:
        """Describes the stack from `innermost` to the frame that `runner` calls."""
        return stack_report.describe(innermost, runner, self._package)

    def report(self, block: stack_report.Description) -> None:
        """Counts the block and logs its line."""
        self._blocks.inc()
        seconds = self.probes.heartbeat.age_seconds()
        logger.warning(
            "The event loop has been blocked for %.1f s by %s:%d in %s.",
            seconds,
            *block.handler.values(),
            extra={
                "blocked_ms": round(seconds * 1e3),
                "handler": block.handler,
                "stack": block.stack,
            },
        )

    def _start_thread(self, loop: asyncio.AbstractEventLoop) -> None:
        """Runs as a callback, so the frame that calls it is the one that runs the loop."""
        watched = (loop, threading.current_thread(), sys._getframe(1))  # noqa: SLF001
        threading.Thread(
            target=lambda: _Watch(self, *watched).run(), name="blocking-line", daemon=True
        ).start()


class _Watch:
    """Made and run in its own thread. Holds the suspected call until the next look."""

    def __init__(
        self,
        settings: BlockingLine,
        loop: asyncio.AbstractEventLoop,
        thread: threading.Thread,
        runner: FrameType,
    ) -> None:
        self._settings = settings
        self._heartbeat = settings.probes.heartbeat
        self._interval = min(settings.seconds / LOOKS, MAX_INTERVAL_SECONDS)
        self._loop = loop
        self._thread_id = thread.ident or 0
        self._clock = ThreadClock(thread)
        self._own_clock = ThreadClock(threading.current_thread())
        self._computed = self._clock.computed()
        self._queued, self._slices = self._clock.queued()
        _, self._own_slices = self._own_clock.queued()
        self._runner = runner
        self._root = _root_of(runner)
        self._call: FrameType | None = None
        self._beats = 0
        self._held_seconds = 0.0
        self._limit = settings.seconds
        self._is_reported = False

    def run(self) -> None:
        """Looks again and again until the loop is closed."""
        looked = time.monotonic()
        while not self._loop.is_closed():
            time.sleep(self._interval)
            now = time.monotonic()
            self._look(now - looked)
            looked = now

    def _look(self, elapsed: float) -> None:
        """Takes one sample, `elapsed` seconds after the last one."""
        # Until the first system call, the loop's thread cannot run on: all of this belongs to the
        # same moment.
        age, beats = self._heartbeat.age_seconds(), self._heartbeat.beats
        computed = self._clock.computed() - self._computed
        self._computed += computed
        # The lifespan's startup may block: nobody waits for an answer yet.
        if age < self._interval / 2 or not self._settings.probes.is_started:
            self._suspect(None, beats)
            return
        innermost = sys._current_frames().get(self._thread_id)  # noqa: SLF001
        call = call_of(innermost, self._runner, self._root)
        is_same = self._is_same(call, beats)
        self._suspect(call, beats)
        if not is_same:
            # The call may have begun after the last look, or shortly before a look that found a
            # young beat. A starved thread looks late, but sees at least half of each block.
            unseen = min(age, elapsed + self._interval / 2)
            self._limit = self._settings.seconds - min(unseen, self._settings.seconds / 2)
        # A long call of C keeps the GIL. This thread then wakes late, and the loop's thread has
        # computed meanwhile, and is still at that call.
        late = max(0.0, min(elapsed - self._interval, age))
        block = None
        if innermost and call and not self._is_reported:
            most = self._held_seconds + (elapsed if is_same else min(late, computed))
            if most >= self._limit and age >= self._settings.seconds:
                block = self._settings.describe(innermost, self._runner)
        del innermost, call
        self._held_seconds += self._held(elapsed, late, computed, is_same=is_same)
        if block is not None and self._held_seconds >= self._limit:
            self._is_reported = True
            self._settings.report(block)

    def _is_same(self, call: FrameType | None, beats: int) -> bool:
        """Whether the loop has been in this call since the last look.

        A task that steps twice has the same frame, but the loop beats between two late steps.
        """
        return call is not None and call is self._call and beats == self._beats

    def _suspect(self, call: FrameType | None, beats: int) -> None:
        if self._is_same(call, beats):
            return
        before, self._call, self._beats = self._call, call, beats
        self._held_seconds, self._is_reported = 0.0, False
        if before is not None and before is not call:
            # If this is the last reference, the frame's variables die on the loop's thread, as they
            # would have without the watch.
            with contextlib.suppress(RuntimeError):  # the loop is closed
                self._loop.call_soon_threadsafe(_forget, before)

    def _held(self, elapsed: float, late: float, computed: float, *, is_same: bool) -> float:
        """How long the suspected call has held the loop since the last look.

        Waits for a core do not count, and waits for the GIL count only as long as a look should
        take.
        """
        (queued, slices), (_, own_slices) = self._clock.queued(), self._own_clock.queued()
        waited, self._queued = queued - self._queued, queued
        has_slept, self._slices = slices == self._slices, slices
        woken, self._own_slices = own_slices - self._own_slices, own_slices
        if not is_same:
            # A thread that waits for the GIL wakes every 5 ms, one without a core does not.
            return min(late, computed) if woken > late / MAX_WAKING_SECONDS + 2 else 0.0
        if self._clock.is_runnable():  # the kernel does not tell yet how long it waits for a core
            return computed
        if has_slept and slices:
            return elapsed
        return max(computed, min(elapsed, self._interval) - waited)


def call_of(innermost: FrameType | None, runner: FrameType, root: FrameType) -> FrameType | None:
    """The outermost frame of what the loop runs; None if it runs no Python code.

    `root` is the outermost frame of the loop's thread. A greenlet, as SQLAlchemy's asyncio uses it,
    has a stack that reaches neither `runner` nor `root`. Its outermost frame stands for the call.
    """
    frame = innermost
    while frame is not None and frame.f_back is not runner:
        if frame.f_back is None:
            return None if frame is root else frame
        frame = frame.f_back
    return frame


def _root_of(frame: FrameType) -> FrameType:
    while frame.f_back is not None:
        frame = frame.f_back
    return frame


def _forget(_frame: FrameType) -> None:
    """Does nothing, on the loop."""
