"""Interleaved rounds, so that a machine that becomes slower does so for all that is compared."""

from collections.abc import Callable, Mapping
from typing import TypeVar

Measured = TypeVar("Measured")


def interleaved(
    rounds: int, sides: Mapping[str, Callable[[], Measured]]
) -> dict[str, list[Measured]]:
    """Calls every side once in each round, and begins each round with another side."""
    names = list(sides)
    found: dict[str, list[Measured]] = {name: [] for name in names}
    for number in range(rounds):
        turn = number % len(names)
        for name in names[turn:] + names[:turn]:
            found[name].append(sides[name]())
    return found


def ratios(ours: list[float], theirs: list[float]) -> list[float]:
    """Divides the two measurements of each round."""
    return [one / other for one, other in zip(ours, theirs, strict=True)]
