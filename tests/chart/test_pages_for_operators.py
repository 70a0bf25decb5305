"""docs/operations.md and docs/tuning.md name what exists, and their queries work."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from generate.markdown import prose
from tests.chart.documented_values import defaults, leaves, lookup
from tests.chart.manifests import RefusedError, render
from tests.chart.refusals.scaling import hpa
from tests.chart.test_monitoring import FOREIGN, dashboard, exported
from tests.chart.test_promtool import promtool
from tests.chart.test_runtime_ranges import OPTIONS
from tests.chart.trees import tree
from tests.support.metrics_text import METRIC_NAME
from tests.support.repository import ROOT

TUNING = ROOT / "docs" / "tuning.md"
PAGES = (ROOT / "docs" / "operations.md", TUNING)
NO_VALUES = {"time.sleep", "orders.py"}
EACH = pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)


def text_of(page: Path) -> str:
    """The text of a page without its blocks of code."""
    return prose(page.read_text())


def queries(page: Path) -> list[str]:
    """Each query of the page; a line that is indented continues the one before."""
    blocks = re.findall(r"^```promql\n(.*?)^```$", page.read_text(), re.MULTILINE | re.DOTALL)
    return [query for block in blocks for query in re.split(r"\n(?=\S)", block.strip())]


@EACH
def test_page_names_only_panels_that_exist(page: Path) -> None:
    panels = set(re.findall(r'"([A-Z][^"]*)"', text_of(page)))
    titles = {panel["title"] for panel in dashboard()["panels"]}
    assert len(panels) >= 5, f"{page.name}: panels {sorted(panels)}, wanted 5 or more"
    assert panels <= titles, f"{page.name}: no panels {sorted(panels - titles)}"


@EACH
def test_page_names_only_values_that_exist(page: Path) -> None:
    declared = {".".join(leaf[:depth]) for leaf in leaves(defaults()) for depth in range(1, 6)}
    named = re.findall(r"`([a-z]\w*(?:\.\w+)+|[a-z]+[A-Z]\w*)(?:: [^`]*)?`", text_of(page))
    values = set(named) - NO_VALUES
    assert len(values) >= 15, f"{page.name}: values {sorted(values)}, wanted 15 or more"
    assert values <= declared, f"{page.name}: no values {sorted(values - declared)}"


@EACH
def test_numbers_in_parentheses_are_the_defaults(page: Path) -> None:
    known = {".".join(leaf): lookup(defaults(), leaf) for leaf in leaves(defaults())}
    said = re.findall(r"`([\w.]+)` \(([^\s,)]+)", text_of(page))
    shown = {name: yaml.safe_load(text) for name, text in said if name in known}
    assert len(shown) >= 5, f"{page.name}: defaults {shown}, wanted 5 or more"
    wanted = {name: "none" if known[name] == "" else known[name] for name in shown}
    assert shown == wanted, f"{page.name}: defaults {shown}, wanted {wanted}"


@EACH
def test_page_names_only_metrics_and_variables_that_exist(page: Path) -> None:
    asked = {name for query in queries(page) for name in METRIC_NAME.findall(query)}
    names = asked | set(re.findall(r"`(uvicorn_\w+)", text_of(page)))
    unknown = names - exported() - FOREIGN
    assert names, f"{page.name} names no metric"
    assert not unknown, f"{page.name}: no metrics {sorted(unknown)}"
    variables = set(re.findall(r"`(UVICORN_[A-Z_]+)`", text_of(page)))
    assert variables <= set(OPTIONS), f"{page.name}: no options {sorted(variables - set(OPTIONS))}"


@EACH
def test_promtool_accepts_every_query(page: Path, tmp_path: Path) -> None:
    assert len(queries(page)) >= 8, f"{page.name}: {len(queries(page))} queries, wanted 8 or more"
    recorded: list[dict[str, Any]] = []
    for number, query in enumerate(queries(page)):
        assert METRIC_NAME.search(query), f"{page.name}: no metric in {query}"
        recorded.append({"record": f"page:query:{number}", "expr": query})
    path = tmp_path / "queries.yaml"
    path.write_text(yaml.safe_dump({"groups": [{"name": "page", "rules": recorded}]}))
    said = promtool("check", "rules", "--lint=all", "--lint-fatal", path)
    assert f"{len(recorded)} rules found" in said, f"promtool check rules: {said}"


def test_highest_target_is_the_one_that_tuning_says() -> None:
    said = re.search(r"request of one core, the chart accepts (\d+) at most", text_of(TUNING))
    assert said, f"{TUNING.name} does not say which target is the highest"
    render(tree(hpa("1", int(said[1]))))
    with pytest.raises(RefusedError, match="so the HPA could never scale up"):
        render(tree(hpa("1", int(said[1]) + 1)))
