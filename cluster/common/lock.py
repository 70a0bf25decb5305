"""Let one command at a time change the cluster, across all checkouts."""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager

from cluster.common.paths import LOCK


@contextmanager
def exclusive() -> Iterator[None]:
    """Wait for the lock and hold it. The kernel releases it when the process ends."""
    LOCK.parent.mkdir(parents=True, exist_ok=True)
    with LOCK.open("w") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            print("waiting for another command that is changing the cluster …", flush=True)
            fcntl.flock(handle, fcntl.LOCK_EX)
        yield
