"""One change of the cluster at a time, whichever checkout it comes from."""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager

from cluster.common.paths import LOCK


@contextmanager
def exclusive() -> Iterator[None]:
    """Wait for, then hold, the lock; it is freed when the process ends, however it ends."""
    LOCK.parent.mkdir(parents=True, exist_ok=True)
    with LOCK.open("w") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            print("waiting for another command that is changing the cluster …", flush=True)
            fcntl.flock(handle, fcntl.LOCK_EX)
        yield
