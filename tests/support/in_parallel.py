"""Calls that run at the same time: a release and its control see the same machine."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

Result = TypeVar("Result")


def in_parallel(*calls: Callable[[], Result]) -> list[Result]:
    """Runs each call in a thread, and returns their results in this order."""
    with ThreadPoolExecutor(len(calls)) as pool:
        running = [pool.submit(call) for call in calls]
        return [each.result() for each in running]
