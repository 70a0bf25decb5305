"""The event loop's pulse: how long ago the loop last ran, and how late."""

import asyncio
import time
from collections.abc import Callable

INTERVAL_SECONDS = 0.1


class Heartbeat:
    """Beats on the loop; may be read from any thread."""

    def __init__(self, on_lag: Callable[[float], None]) -> None:
        """`on_lag` is called on the loop at each beat with the beat's lateness in seconds."""
        self._on_lag = on_lag
        self._last_beat: float | None = None
        self.beats = 0

    def start(self, loop: asyncio.AbstractEventLoop) -> None:
        """Begins to beat; it goes on until the loop stops."""
        self._beat(loop, time.monotonic())

    def age_seconds(self) -> float:
        """Time since the last beat; 0 before the first, while the app is still being imported."""
        return 0.0 if self._last_beat is None else time.monotonic() - self._last_beat

    def _beat(self, loop: asyncio.AbstractEventLoop, due: float) -> None:
        now = time.monotonic()
        self._last_beat = now
        self.beats += 1
        self._on_lag(max(0.0, now - due))
        loop.call_later(INTERVAL_SECONDS, self._beat, loop, now + INTERVAL_SECONDS)
