"""Run the steps that are not done yet, and show the number and the time of each."""

import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

HEARTBEAT_SECONDS = 30


@dataclass(frozen=True)
class Step:
    """One step. `is_done` is cheap and only looks; `run` does the work."""

    title: str
    is_done: Callable[[], bool]
    run: Callable[[], None]


class Times:
    """The steps that ran and their seconds, for the table at the end."""

    def __init__(self) -> None:
        self.start = time.monotonic()
        self.rows: list[tuple[str, float]] = []

    def elapsed_seconds(self) -> float:
        return time.monotonic() - self.start

    def print_table(self) -> None:
        """Print the steps that took a second or more. Prints nothing if there are none."""
        slow = [(title, seconds) for title, seconds in self.rows if seconds >= 1]
        if not slow:
            return
        width = max(len(title) for title, _ in slow)
        print("\ntime of each step")
        for title, seconds in slow:
            print(f"  {title:<{width}} {seconds:7.1f} s")
        print(f"  {'total':<{width}} {self.elapsed_seconds():7.1f} s", flush=True)


TIMES = Times()
"""The times of this process: one command prints one table."""


def perform(steps: Sequence[Step]) -> None:
    """Run the steps that are not done, in order, and print each as [k/n]."""
    due = [step for step in steps if not step.is_done()]
    for number, step in enumerate(due, start=1):
        _run_one(step, f"[{number}/{len(due)}]")


def _run_one(step: Step, place: str) -> None:
    start = time.monotonic()
    elapsed = _minutes(TIMES.elapsed_seconds())
    print(f"{place} {step.title} … ({elapsed} since the start)", flush=True)
    finished = threading.Event()

    def still_running() -> None:
        while not finished.wait(HEARTBEAT_SECONDS):
            print(f"{place} {step.title}: {_minutes(time.monotonic() - start)} so far", flush=True)

    threading.Thread(target=still_running, daemon=True).start()
    try:
        step.run()
    finally:
        finished.set()
        TIMES.rows.append((step.title, time.monotonic() - start))


def _minutes(seconds: float) -> str:
    return f"{int(seconds) // 60}:{int(seconds) % 60:02d}"
