"""Tells how a thread spent its time: it computed, waited for a core, or slept (the rest)."""

import os
import threading
import time
from pathlib import Path

NANOSECOND = 1e-9


class ThreadClock:
    """The times of one thread of this process, in seconds since it began."""

    def __init__(self, thread: threading.Thread) -> None:
        """`thread` must run, and must not end before the last call."""
        if thread.ident is None or thread.native_id is None:
            raise ValueError(f"{thread} does not run")
        self._clock = time.pthread_getcpuclockid(thread.ident)
        self._folder = Path(f"/proc/self/task/{thread.native_id}")
        # Open all the time: each further system call is a chance to lose the GIL for 5 ms.
        self._schedstat: int | None = None
        try:
            self._schedstat = os.open(self._folder / "schedstat", os.O_RDONLY | os.O_CLOEXEC)
        except OSError:  # gVisor and macOS have none
            return

    def computed(self) -> float:
        """CPU time. The call does not release the GIL."""
        return time.clock_gettime(self._clock)

    def queued(self) -> tuple[float, int]:
        """Time in which it could run but had no core, and how often it got one.

        The kernel adds a wait when it ends. Both are 0 where the kernel does not tell.
        """
        if self._schedstat is None:
            return 0.0, 0
        # https://docs.kernel.org/scheduler/sched-stats.html: computed, queued, time slices
        _, queued, slices = os.pread(self._schedstat, 64, 0).split()
        return int(queued) * NANOSECOND, int(slices)

    def is_runnable(self) -> bool:
        """Whether it computes or waits for a core now, as opposed to sleeping."""
        try:
            line = (self._folder / "stat").read_bytes()
        except OSError:
            return False
        # The state follows the name, which is in brackets and may contain anything (proc(5)).
        return line.rpartition(b")")[2].split()[:1] == [b"R"]
