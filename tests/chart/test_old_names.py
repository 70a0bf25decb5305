"""A renamed value is refused with its new name: one line in `_old_names.tpl`, and `make docs`."""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from generate import schema_descriptions
from tests.chart.manifests import RefusedError, helm
from tests.support.repository import CHART

TABLE = Path("templates") / "refusals" / "_old_names.tpl"
START = '{{- define "uvicorn.refusals.oldNamesTable" -}}\n'
OLD = {"sentinel": "set image.tag instead", "image.sentinelTag": "set image.tag instead"}


@pytest.fixture
def chart(tmp_path: Path) -> Path:
    """A copy of the chart."""
    copy = tmp_path / "chart"
    shutil.copytree(CHART, copy)
    return copy


def rename(chart: Path, names: dict[str, str]) -> None:
    """Adds names to the table and writes the schema, as a developer does."""
    table = (chart / TABLE).read_text()
    assert START in table, f"{TABLE} has no {START!r}"
    lines = "".join(f"{name}: {way_out}\n" for name, way_out in names.items())
    (chart / TABLE).write_text(table.replace(START, START + lines))
    write_schema(chart)


def write_schema(chart: Path) -> None:
    (chart / "values.schema.json").write_text(schema_descriptions.page(chart))


def refusal(chart: Path, values: dict[str, Any]) -> str:
    with pytest.raises(RefusedError) as refused:
        helm(["template", "demo", str(chart), "--values", "-"], json.dumps(values))
    return str(refused.value)


@pytest.mark.parametrize("value", ["1.0", "", 0, False, {"a": 1}], ids=str)
def test_renamed_value_is_refused_with_its_new_name(chart: Path, value: object) -> None:
    rename(chart, OLD)
    said = refusal(chart, {"sentinel": value, "image": {"sentinelTag": value}})
    for name, way_out in OLD.items():
        wanted = f"{name} is not a value of this chart: {way_out}."
        assert wanted in said.splitlines(), f"said {said}, wanted {wanted}"


def test_renamed_value_is_a_mistake_next_to_others(chart: Path) -> None:
    rename(chart, OLD)
    said = refusal(chart, {"sentinel": 1, "uvicorn": {"host": "::1"}})
    assert "sentinel is not a value" in said, said
    assert "uvicorn.host (::1) is a loopback address" in said, said


def test_values_without_an_old_name_render(chart: Path) -> None:
    rename(chart, OLD)
    assert "kind: Deployment" in helm(["template", "demo", str(chart)], "")


def test_name_that_leaves_the_table_is_unknown_again(chart: Path) -> None:
    """The control: the schema refuses other names, without the way out."""
    before = (chart / TABLE).read_text()
    rename(chart, OLD)
    (chart / TABLE).write_text(before)
    write_schema(chart)
    said = refusal(chart, {"sentinel": "1.0"})
    assert "additional properties 'sentinel' not allowed" in said, said
    assert "image.tag" not in said, said
