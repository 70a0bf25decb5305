"""Helm 3 and Helm 4 render the same objects, and refuse the same values in the same words."""

import subprocess
from typing import Any

import pytest
import yaml

from tests.chart.conftest import VALUE_SETS
from tests.chart.manifests import Manifest, is_hook, title
from tests.chart.test_properties import DRAWN
from tests.chart.test_refusals import REFUSALS
from tests.chart.umbrella import rendered, schema_refusals, template_refusals
from tests.chart.valid_values import valid_sets

BOTH = ("helm3", "helm4")
EVERY = 13  # of the drawn sets: with those of ci/ one run of each Helm


def by_title(manifests: list[Manifest]) -> dict[tuple[str, bool], Manifest]:
    named = {(title(manifest), is_hook(manifest)): manifest for manifest in manifests}
    assert len(named) == len(manifests), "two objects of one name"
    return named


@pytest.mark.parametrize("program", BOTH)
def test_each_is_of_its_major_version(program: str) -> None:
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


def test_both_refuse_what_cannot_work_in_the_same_words() -> None:
    """By the schema or by a template, as the one or the other stops it."""
    by_schema = {case for case, (_, said) in REFUSALS.items() if said[0].startswith("/")}
    for refusals, cases in (
        (schema_refusals, by_schema),
        (template_refusals, REFUSALS.keys() - by_schema),
    ):
        sets: list[dict[str, Any]] = [REFUSALS[case][0] for case in sorted(cases)]
        three, four = (refusals(sets, program) for program in BOTH)
        for values, *said in zip(sets, three, four, strict=True):
            assert said[0], f"Helm 3 renders {values}"
            assert said[0] == said[1], f"{values}: Helm 3 says {said[0]}, Helm 4 {said[1]}"
