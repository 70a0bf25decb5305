"""Measures how long ago the event loop last ran, and how late; probes.py decides what it means."""

import asyncio
import time
from collections.abc import Callable

INTERVAL_SECONDS = 0.1


class Heartbeat:
    """A timer on the event loop, every `INTERVAL_SECONDS`; any thread may read it."""

    def __init__(self, on_lag: Callable[[float], None]) -> None:
        """Each beat calls `on_lag`, on the loop, with its lateness in seconds."""
        self._on_lag = on_lag
        self._last_beat: float | None = None
        self.beats = 0

    def start(self, loop: asyncio.AbstractEventLoop) -> None:
        """Starts the timer, which repeats until the loop stops."""
        self._beat(loop, time.monotonic())

    def age_seconds(self) -> float:
        """Seconds since the last beat; 0 before the first, while the app is still imported."""
        return 0.0 if self._last_beat is None else time.monotonic() - self._last_beat

    def _beat(self, loop: asyncio.AbstractEventLoop, due: float) -> None:
        now = time.monotonic()
        self._last_beat = now
        self.beats += 1
        # First, so that the heart beats on if the callback raises.
        loop.call_later(INTERVAL_SECONDS, self._beat, loop, now + INTERVAL_SECONDS)
        self._on_lag(max(0.0, now - due))
