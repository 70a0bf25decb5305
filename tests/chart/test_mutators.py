"""Every known way to be wrong, applied to 500 valid sets and more: each is refused by its name.

The valid sets are those of test_properties.py. Helm itself refuses, never a copy of its schema
check: see umbrella.py on how one run of it takes fifty sets.
"""

import re
from collections.abc import Callable, Iterable, Sequence
from itertools import cycle, islice
from typing import TypeVar

import pytest

from tests.chart.manifests import RefusedError, render
from tests.chart.refusal_mutators import NETWORK, POD_AND_PROBES, SCALING, Refusal, owned_variables
from tests.chart.schema_mutators import Mutator, mutators
from tests.chart.test_properties import DRAWN, WANTED
from tests.chart.trees import Tree
from tests.chart.umbrella import schema_refusals, template_refusals
from tests.chart.valid_values import valid_sets
from tests.support.repository import CHART

SCHEMA_MUTATORS = list(mutators())
TEMPLATES = CHART / "templates"
OWNED = re.findall(r"^([A-Z_]+): ", (TEMPLATES / "_refusals_env.tpl").read_text(), re.MULTILINE)
REFUSALS = [*SCALING, *NETWORK, *POD_AND_PROBES, *owned_variables(OWNED)]

M = TypeVar("M", Mutator, Refusal)
Refuse = Callable[[Sequence[Tree]], Iterable[str]]


def applied(table: list[M], refuse: Refuse) -> list[tuple[M, str]]:
    """Each mutator of the table in turn, each on the next valid set, with what Helm says."""
    sets = valid_sets(DRAWN)
    count = max(WANTED, len(table))
    pairs = list(islice(zip(cycle(table), cycle(sets), strict=False), count))
    said = refuse([mutate(values) for mutate, values in pairs])
    return [(mutate, text) for (mutate, _), text in zip(pairs, said, strict=True)]


def test_the_mutators_are_many_and_named_apart() -> None:
    for table, fewest in ((SCHEMA_MUTATORS, 300), (REFUSALS, 60)):
        names = [mutate.name for mutate in table]
        assert len(names) >= fewest, f"{len(names)} mutators, wanted {fewest}"
        assert len(names) == len(set(names)), f"two mutators of one name in {sorted(names)}"


def test_what_the_schema_forbids_is_refused_by_name() -> None:
    for mutate, said in applied(SCHEMA_MUTATORS, schema_refusals):
        wanted = f"at '{mutate.place}': "
        lines = [line for line in said.splitlines() if wanted in line and mutate.said in line]
        assert lines, f"{mutate.name}: said {said!r}, wanted {wanted}…{mutate.said}"


@pytest.fixture(scope="module")
def refused() -> list[tuple[Refusal, str]]:
    return applied(REFUSALS, template_refusals)


def test_what_cannot_work_is_refused_by_name(refused: list[tuple[Refusal, str]]) -> None:
    for mutate, said in refused:
        assert mutate.said in said, f"{mutate.name}: said {said!r}, wanted {mutate.said!r}"
        assert said.endswith("."), f"{mutate.name}: no sentence: {said!r}"


def test_every_refusal_of_the_templates_has_a_mutator(refused: list[tuple[Refusal, str]]) -> None:
    """Each `fail` text is some mutator's sentence, but for what an old Kubernetes is refused."""
    sentences = {said for _, said in refused}
    texts = [
        text.replace('\\"', '"')
        for file in TEMPLATES.glob("_refusals*.tpl")
        for text in re.findall(r'fail (?:\(printf )?"((?:[^"\\]|\\.)*)"', file.read_text())
    ]
    assert len(texts) > 20, f"found only {texts}"
    for text in [text for text in texts if "needs Kubernetes" not in text]:
        pattern = ".*".join(
            re.escape(piece) for piece in re.split(r"%[-.0-9]*[a-z]", text.replace("%%", "%"))
        )
        assert any(re.fullmatch(pattern, said) for said in sentences), f"no mutator for: {text}"


def test_no_refusal_hides_in_another_template() -> None:
    """umbrella.py renders the Deployment alone to read them."""
    texts = {file.name: file.read_text() for file in TEMPLATES.rglob("*.yaml")}
    callers = [name for name, text in texts.items() if "uvicorn.refus" in text or "fail " in text]
    assert callers == ["deployment.yaml"], f"refusals are called for in {callers}"


@pytest.mark.parametrize("mutate", [SCALING[0], NETWORK[0], POD_AND_PROBES[0]])
def test_what_lint_reports_is_what_template_stops_with(mutate: Refusal) -> None:
    """The control of `template_refusals`, which reads the sentences of `helm lint`."""
    values = mutate(valid_sets(DRAWN)[1])
    (wanted,) = template_refusals([values])
    with pytest.raises(RefusedError) as refusal:
        render(values)
    assert wanted in str(refusal.value), f"template says {refusal.value}, lint {wanted}"


def test_a_valid_set_is_refused_by_neither() -> None:
    sets = valid_sets(DRAWN)[:50]
    assert set(schema_refusals(sets)) == {""}, "the schema refuses a valid set"
    assert set(template_refusals(sets)) == {""}, "a template refuses a valid set"
