"""values.yaml: every value is documented, has a valid example, and is used by a template."""

import re
from typing import Any

import pytest

from generate.values_comments import examples, parts, texts
from tests.chart.changed_values import CHANGED, CONTEXT
from tests.chart.documented_values import defaults, documented, leaves
from tests.chart.kubernetes_schemas import fault, supported_minors
from tests.chart.manifests import Manifest, RefusedError, render
from tests.chart.trees import tree
from tests.support.repository import CHART

EXAMPLES = examples()
NEWEST = supported_minors()[-1]


def outcome(flat: dict[str, Any]) -> list[Manifest] | str:
    """The rendered objects, or the message of the refusal."""
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


def test_every_top_level_key_is_in_a_part() -> None:
    keys = [key for part in parts().values() for key in part]
    assert keys == list(defaults()), f"parts have {keys}, values.yaml has {list(defaults())}"


def test_comments_are_read_as_helm_docs_reads_them() -> None:
    for value in documented():
        read = texts()[value.path]
        assert read == value.text, f"{value.name}: read {read!r}, README.md has {value.text!r}"


def test_every_list_and_every_empty_map_has_an_example() -> None:
    fillable = {
        value.name for value in documented() if value.default in ({}, []) or "list" in value.type
    }
    missing = fillable - set(EXAMPLES)
    assert not missing, f"values.yaml: no example below {sorted(missing)}"


@pytest.mark.parametrize("name", EXAMPLES)
def test_example_renders_objects_that_kubernetes_knows(name: str) -> None:
    context = CONTEXT.get(name, {})
    before = render(tree(context), kube_version=f"{NEWEST}.0")
    after = render(tree(context | {name: EXAMPLES[name]}), kube_version=f"{NEWEST}.0")
    assert after != before, f"{name}: its example changes nothing"
    faults = [said for manifest in after if (said := fault(manifest, NEWEST))]
    assert not faults, f"{name}: its example renders {faults}"


def test_every_documented_value_is_tried() -> None:
    names = {value.name for value in documented()}
    assert set(CHANGED) == names, f"differ in {sorted(set(CHANGED) ^ names)}"


@pytest.mark.parametrize("name", CHANGED)
def test_value_changes_what_is_rendered(name: str) -> None:
    context = CONTEXT.get(name, {})
    before, after = outcome(context), outcome(context | {name: CHANGED[name]})
    assert before != after, f"{name}: {CHANGED[name]!r} changes nothing"


def test_templates_read_only_declared_values() -> None:
    declared = {".".join(leaf[:depth]) for leaf in leaves(defaults()) for depth in range(1, 6)}
    templates = [path for path in (CHART / "templates").rglob("*.*") if path.is_file()]
    assert templates, "no templates"
    for template in templates:
        names = re.findall(r"\.Values\.([A-Za-z][A-Za-z0-9.]*[A-Za-z0-9])", template.read_text())
        for name in names:
            assert name in declared, f"{template.name}: .Values.{name} is not in values.yaml"
