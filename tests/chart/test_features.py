"""docs/chart-features.md lists every feature of the chart, with values and tests that exist."""

import re
from pathlib import Path

import pytest

from tests.chart.documented_values import defaults, documented, leaves
from tests.chart.feature_table import PAGE, Feature, features, page_with_defaults

TESTS = Path(__file__).parents[1]
FEATURES = features()


def functions_of(layer: str) -> set[str]:
    """Every test in tests/<layer>, as `file::function`."""
    found = set()
    for file in (TESTS / layer).glob("test_*.py"):
        names = re.findall(r"^def (test_\w+)\(", file.read_text(), re.MULTILINE)
        found |= {f"{file.stem}::{name}" for name in names}
    return found


def test_feature_names_are_unique() -> None:
    assert FEATURES, f"{PAGE.name}: no features"
    names = [feature.name for feature in FEATURES]
    assert len(names) == len(set(names)), f"{PAGE.name}: a feature twice in {names}"


@pytest.mark.parametrize("feature", FEATURES, ids=lambda feature: feature.name)
def test_values_and_tests_of_a_feature_exist(feature: Feature) -> None:
    paths = {".".join(leaf[:depth]) for leaf in leaves(defaults()) for depth in range(1, 6)}
    assert set(feature.values) <= paths, f"{feature.name}: no {set(feature.values) - paths}"
    assert feature.render_tests, f"{feature.name}: no render test"
    for layer, named in (("chart", feature.render_tests), ("e2e", feature.cluster_tests)):
        missing = set(named) - functions_of(layer)
        assert not missing, f"{feature.name}: tests/{layer} has no {sorted(missing)}"


def test_every_value_belongs_to_a_feature() -> None:
    named = {name for feature in FEATURES for name in feature.values}
    for value in documented():
        above = {".".join(value.path[:depth]) for depth in range(1, len(value.path) + 1)}
        assert above & named, f"{value.name} is in no row of {PAGE.name}"


def test_defaults_are_those_of_values_yaml() -> None:
    assert page_with_defaults() == PAGE.read_text(), f"{PAGE.name} has drifted: run `make docs`"
