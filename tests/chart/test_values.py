"""values.yaml: every value is documented, used by a template, and in the README's table."""

import re
from typing import Any

import pytest

from tests.chart.changed_values import BESIDE, CHANGED
from tests.chart.manifests import CHART, Manifest, RefusedError, render
from tests.chart.trees import tree
from tests.chart.values_table import README, defaults, documented, leaves, readme_with_table


def outcome(flat: dict[str, Any]) -> list[Manifest] | str:
    try:
        return render(tree(flat))
    except RefusedError as refusal:
        return str(refusal)


def test_every_leaf_is_documented() -> None:
    names = [value.path for value in documented()]
    assert names, "values.yaml: no documented value"
    for leaf in leaves(defaults()):
        is_covered = any(leaf[: len(name)] == name for name in names)
        assert is_covered, f"values.yaml: {'.'.join(leaf)} has no `# -- (type) text` comment"


def test_every_documented_value_is_tried() -> None:
    names = {value.name for value in documented()}
    assert set(CHANGED) == names, f"differ in {sorted(set(CHANGED) ^ names)}"


@pytest.mark.parametrize("name", CHANGED)
def test_value_changes_what_is_rendered(name: str) -> None:
    beside = BESIDE.get(name, {})
    before, after = outcome(beside), outcome(beside | {name: CHANGED[name]})
    assert before != after, f"{name}: {CHANGED[name]!r} changes nothing"


def test_templates_read_only_declared_values() -> None:
    declared = {".".join(leaf[:depth]) for leaf in leaves(defaults()) for depth in range(1, 6)}
    templates = [path for path in (CHART / "templates").rglob("*.*") if path.is_file()]
    assert templates, "no templates"
    for template in templates:
        names = re.findall(r"\.Values\.([A-Za-z][A-Za-z0-9.]*[A-Za-z0-9])", template.read_text())
        for name in names:
            assert name in declared, f"{template.name}: .Values.{name} is not in values.yaml"


def test_readme_table_is_in_step_with_values_yaml() -> None:
    assert readme_with_table() == README.read_text(), (
        "charts/uvicorn/README.md has drifted: run `python tests/chart/values_table.py`"
    )
