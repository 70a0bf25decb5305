"""Steps that are skipped when they are done, and shown with their place and time when not."""

import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

HEARTBEAT_SECONDS = 30


@dataclass(frozen=True)
class Step:
    """One step: `is_done` is cheap and looks at the world, `run` changes it."""

    title: str
    is_done: Callable[[], bool]
    run: Callable[[], None]


class Times:
    """What was done and how long it took, for the table at the end."""

    def __init__(self) -> None:
        self.start = time.monotonic()
        self.rows: list[tuple[str, float]] = []

    def elapsed_seconds(self) -> float:
        return time.monotonic() - self.start

    def print_table(self) -> None:
        """Print every step that ran; nothing where none took a second."""
        slow = [(title, seconds) for title, seconds in self.rows if seconds >= 1]
        if not slow:
            return
        width = max(len(title) for title, _ in slow)
        print("\ntime of each step")
        for title, seconds in slow:
            print(f"  {title:<{width}} {seconds:7.1f} s")
        print(f"  {'in all':<{width}} {self.elapsed_seconds():7.1f} s", flush=True)


TIMES = Times()
"""Of this process: one command, one table."""


def perform(steps: Sequence[Step]) -> None:
    """Run the steps that are not done, in order, each shown as [k/n]."""
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
