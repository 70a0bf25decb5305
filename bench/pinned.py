"""Pins processes to a core, so that a server and its clients do not share one."""

import os
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def pinned(core: int) -> Iterator[None]:
    """Keeps this thread, and each process that it starts, on one core until the block ends."""
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {core})
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)
