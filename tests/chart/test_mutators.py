"""Every known mistake, made in more than 500 valid sets: Helm refuses each with its name.

The valid sets are those of test_properties.py. Helm itself decides, not a copy of its schema check.
umbrella.py explains how one run of Helm takes fifty sets.
"""

from collections.abc import Sequence
from functools import reduce
from itertools import cycle, islice
from typing import TypeVar

from tests.chart.refusals.refusal import Refusal
from tests.chart.refusals.table import REFUSALS
from tests.chart.schema_mutators import Mutator, mutators
from tests.chart.test_properties import DRAWN, WANTED
from tests.chart.trees import Tree
from tests.chart.umbrella import schema_refusals, template_refusals
from tests.chart.valid_values import valid_sets

SCHEMA_MUTATORS = list(mutators())
SEVEN = 7

M = TypeVar("M", Mutator, Refusal)


def with_sets(table: Sequence[M]) -> list[tuple[M, Tree]]:
    """Each mistake of the table in turn, and the next valid set with that mistake."""
    count = max(WANTED, len(table))
    pairs = zip(cycle(table), cycle(valid_sets(DRAWN)), strict=False)
    return [(mistake, mistake(values)) for mistake, values in islice(pairs, count)]


def test_mistakes_are_many_and_have_different_names() -> None:
    for names, fewest in (
        ([mistake.name for mistake in SCHEMA_MUTATORS], 300),
        ([mistake.name for mistake in REFUSALS], 60),
    ):
        assert len(names) >= fewest, f"{len(names)} mistakes, wanted {fewest}"
        assert len(names) == len(set(names)), f"one name twice in {sorted(names)}"


def test_schema_names_the_place_of_each_mistake_in_a_drawn_set() -> None:
    cases = with_sets(SCHEMA_MUTATORS)
    refusals = schema_refusals([values for _, values in cases])
    for (mistake, _), said in zip(cases, refusals, strict=True):
        wanted = f"at '{mistake.place}': "
        lines = [line for line in said.splitlines() if wanted in line and mistake.said in line]
        assert lines, f"{mistake.name}: said {said!r}, wanted {wanted}…{mistake.said}"


def test_mistake_in_a_drawn_set_gives_its_one_sentence() -> None:
    cases = with_sets(REFUSALS)
    refusals = template_refusals([values for _, values in cases])
    for (mistake, values), sentences in zip(cases, refusals, strict=True):
        fault = mistake.fault_of(sentences)
        assert not fault, f"{mistake.name}: {fault}, {values}"


def needed(mistake: Refusal) -> set[str]:
    """The values that a mistake needs. env and extraEnv count as one, as they share their names."""
    return {name.replace("extraEnv", "env") for name in mistake.values}


def seven_from(start: int) -> list[Refusal]:
    """The next seven mistakes of the table that need no value in common."""
    found: list[Refusal] = []
    for mistake in islice(cycle(REFUSALS), start, start + len(REFUSALS)):
        if all(needed(mistake).isdisjoint(needed(other)) for other in found):
            found.append(mistake)
        if len(found) == SEVEN:
            return found
    message = f"only {len(found)} mistakes from {start} on fit together"
    raise AssertionError(message)


def test_seven_mistakes_in_a_drawn_set_give_their_seven_sentences() -> None:
    mistakes = [seven_from(start) for start in range(len(REFUSALS))]
    sets = [
        reduce(lambda values, mistake: mistake(values), seven, drawn)
        for seven, drawn in zip(mistakes, valid_sets(DRAWN), strict=False)
    ]
    for seven, sentences in zip(mistakes, template_refusals(sets), strict=True):
        assert len(sentences) == SEVEN, f"{[one.name for one in seven]}: {sentences}"
        for mistake in seven:
            faults = [mistake.fault_of([sentence]) for sentence in sentences]
            assert "" in faults, f"{mistake.name}: not in {sentences}"


def test_drawn_set_without_a_mistake_is_not_refused() -> None:
    """The control of the mistakes above."""
    sets = valid_sets(DRAWN)[:50]
    assert set(schema_refusals(sets)) == {""}, "the schema refuses a valid set"
    assert list(template_refusals(sets)) == [[]] * len(sets), "a template refuses a valid set"
