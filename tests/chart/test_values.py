"""values.yaml: every value is documented, used by a template, and in the README's table."""

import re
import subprocess
from typing import Any

import pytest

from tests.chart.changed_values import BESIDE, CHANGED
from tests.chart.documented_values import README, defaults, documented, leaves, most_touched
from tests.chart.manifests import Manifest, RefusedError, render
from tests.chart.trees import tree
from tests.support.repository import CHART

SCREEN_LINES = 40


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


def test_readme_is_what_helm_docs_makes_of_values_yaml() -> None:
    command = ["helm-docs", "--dry-run", "--chart-search-root=charts", "--sort-values-order=file"]
    done = subprocess.run(
        command, capture_output=True, text=True, check=False, cwd=CHART.parents[1]
    )
    assert done.returncode == 0, f"helm-docs: {done.stderr}"
    assert done.stdout.strip() == README.read_text().strip(), (
        "charts/uvicorn/README.md has drifted: run `make docs`"
    )


def test_readme_shows_ten_values_on_its_first_screen() -> None:
    names = most_touched()
    assert len(names) == 10, f"README.md: {len(names)} values at the top: {names}"
    assert {"image.repository", "app"} <= set(names), f"README.md: at the top are {names}"
    lines = README.read_text().splitlines()
    last = max(
        number
        for number, line in enumerate(lines)
        if line.startswith(f"| `{names[-1]}`") and number < lines.index("## All values")
    )
    assert last < SCREEN_LINES, f"README.md: the ten values end in line {last + 1}"
