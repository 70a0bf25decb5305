"""Helm 3 and Helm 4 render the same objects and refuse the same values in the same words."""

import subprocess
from typing import Any

import pytest
import yaml

from tests.chart.conftest import VALUE_SETS
from tests.chart.manifests import Manifest, is_hook, title
from tests.chart.refusals.table import REFUSALS
from tests.chart.test_mutators import SCHEMA_MUTATORS
from tests.chart.test_properties import DRAWN
from tests.chart.umbrella import rendered, schema_refusals, template_refusals
from tests.chart.valid_values import valid_sets

BOTH = ("helm3", "helm4")
EVERY = 13  # Every 13th of the drawn sets and those of ci/ fit into one run of each Helm.


def by_title(manifests: list[Manifest]) -> dict[tuple[str, bool], Manifest]:
    named = {(title(manifest), is_hook(manifest)): manifest for manifest in manifests}
    assert len(named) == len(manifests), "two objects of one name"
    return named


@pytest.mark.parametrize("program", BOTH)
def test_each_program_has_its_major_version(program: str) -> None:
    command = [program, "version", "--short"]
    said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    assert said.startswith(f"v{program[-1]}."), f"{program} is {said}"


def test_both_render_the_same_objects() -> None:
    files = {path.name: yaml.safe_load(path.read_text()) or {} for path in VALUE_SETS}
    drawn = valid_sets(DRAWN)[::EVERY]
    names = [*files, *map(str, drawn)]
    three, four = (rendered([*files.values(), *drawn], program=program) for program in BOTH)
    for name, *objects in zip(names, three, four, strict=True):
        of_three, of_four = map(by_title, objects)
        assert of_three, f"{name}: Helm 3 renders nothing"
        assert of_three.keys() == of_four.keys(), (
            f"{name}: differ in {of_three.keys() ^ of_four.keys()}"
        )
        for key, found in of_three.items():
            other = of_four[key]
            assert found == other, f"{name}: {key}: Helm 3 renders {found}, Helm 4 {other}"


def test_both_refuse_each_mistake_in_the_same_words() -> None:
    sets = [mistake({}) for mistake in REFUSALS]
    three, four = (template_refusals(sets, program) for program in BOTH)
    for mistake, *said in zip(REFUSALS, three, four, strict=True):
        assert said[0], f"{mistake.name}: Helm 3 does not refuse it"
        assert said[0] == said[1], f"{mistake.name}: Helm 3 says {said[0]}, Helm 4 {said[1]}"


def test_the_schema_of_both_names_the_same_faults() -> None:
    mutators = SCHEMA_MUTATORS[::EVERY]
    sets: list[Any] = [mutate({}) for mutate in mutators]
    # The order of the faults of one set is random.
    three, four = (map(lines_of, schema_refusals(sets, program)) for program in BOTH)
    for mutate, *said in zip(mutators, three, four, strict=True):
        assert said[0], f"{mutate.name}: Helm 3 does not refuse it"
        assert said[0] == said[1], f"{mutate.name}: Helm 3 says {said[0]}, Helm 4 {said[1]}"


def lines_of(text: str) -> list[str]:
    return sorted(text.splitlines())
