"""Waiting ends at the first true state, and raises at its deadline."""

import time

import pytest

from tests.support.waiting import wait_until


def test_waiting_returns_the_first_true_state() -> None:
    states = iter([0, "", "ready"])
    assert wait_until(lambda: next(states), 5, "a state", interval_seconds=0) == "ready"


def test_waiting_raises_at_its_deadline_with_the_last_state() -> None:
    started = time.monotonic()
    with pytest.raises(TimeoutError, match=r"two pods: not within 0\.2 s; last seen: \[\]"):
        wait_until(list, 0.2, "two pods", interval_seconds=0.01)
    assert 0.2 <= time.monotonic() - started < 5


def test_waiting_raises_with_the_last_error() -> None:
    def refuse() -> bool:
        raise ConnectionRefusedError("sentinel")

    with pytest.raises(TimeoutError, match="ConnectionRefusedError: sentinel"):
        wait_until(refuse, 0, "an answer")
