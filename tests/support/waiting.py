"""The only functions in which tests wait."""

import time
from collections.abc import Callable
from typing import TypeVar

State = TypeVar("State")


def wait_until(
    check: Callable[[], State], timeout_seconds: float, what: str, *, interval_seconds: float = 0.1
) -> State:
    """Calls `check` until its result is true, and returns that result.

    An exception from `check` counts as "not yet", so `check` may assert or connect. At the deadline
    raises TimeoutError, which names `what` and the last result or exception.
    """
    deadline = time.monotonic() + timeout_seconds
    while True:
        cause: Exception | None = None
        try:
            state = check()
            if state:
                return state
            seen = repr(state)
        except Exception as error:  # noqa: BLE001 - reported at the deadline
            cause, seen = error, f"{type(error).__name__}: {error}"
        if time.monotonic() >= deadline:
            message = f"{what}: not within {timeout_seconds:g} s; last seen: {seen}"
            raise TimeoutError(message) from cause
        time.sleep(interval_seconds)


def stays_true(
    check: Callable[[], bool], seconds: float, what: str, *, interval_seconds: float = 1
) -> None:
    """Calls `check` for `seconds`; raises AssertionError, which names `what`, if it is false."""
    start = time.monotonic()
    while (passed := time.monotonic() - start) < seconds:
        assert check(), f"{what}: false after {passed:.1f} s of {seconds:g}"
        time.sleep(interval_seconds)
