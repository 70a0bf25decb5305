"""docs/operations.md has a runbook for each alert, to which the alert links."""

import re
from pathlib import Path
from typing import Any

import yaml

from tests.chart.documented_values import defaults, leaves
from tests.chart.test_monitoring import ALL_ON, FOREIGN, dashboard, exported, rules
from tests.chart.test_promtool import promtool
from tests.support.metrics_text import METRIC_NAME
from tests.support.repository import CHART, ROOT

PAGE = ROOT / "docs" / "operations.md"
TEXT = PAGE.read_text()
NO_VALUES = {"time.sleep", "orders.py"}
PROSE = re.sub(r"^```.*?^```$", "", TEXT, flags=re.MULTILINE | re.DOTALL)


def runbooks() -> list[str]:
    """The headings of the section on alerts."""
    section = TEXT.partition("\n## Alerts\n")[2].partition("\n## ")[0]
    return re.findall(r"^### (.+)$", section, re.MULTILINE)


def queries() -> list[str]:
    """Each query of the page; a line that is indented continues the one before."""
    blocks = re.findall(r"^```promql\n(.*?)^```$", TEXT, re.MULTILINE | re.DOTALL)
    return [query for block in blocks for query in re.split(r"\n(?=\S)", block.strip())]


def addresses(**values: str) -> dict[str, str | None]:
    """Alert → its `runbook_url`."""
    rule = {"enabled": True, **values}
    found = rules(ALL_ON | {"metrics": {"prometheusRule": rule}})
    return {each["alert"]: each["annotations"].get("runbook_url") for each in found}


def test_every_alert_has_a_runbook_and_every_runbook_an_alert() -> None:
    found = runbooks()
    assert len(set(found)) == len(found), f"{PAGE.name}: two runbooks of one alert in {found}"
    assert set(found) == set(addresses()), f"{PAGE.name}: differ in {set(found) ^ set(addresses())}"


def test_every_alert_links_to_its_runbook() -> None:
    home = yaml.safe_load((CHART / "Chart.yaml").read_text())["home"]
    page = f"{home}/blob/main/{PAGE.relative_to(ROOT)}"
    # GitHub makes the anchor of a heading without spaces by writing it in lower case.
    wanted = {name: f"{page}#{name.lower()}" for name in runbooks()}
    assert addresses() == wanted, f"runbook_url: {addresses()}, wanted {wanted}"


def test_runbooks_can_be_elsewhere() -> None:
    found = addresses(runbookUrl="https://wiki.example/alerts/")
    assert found["UvicornErrors"] == "https://wiki.example/alerts/uvicornerrors", f"found {found}"
    assert found["UvicornMemory"] == "https://wiki.example/alerts/uvicornmemory", f"found {found}"


def test_empty_address_leaves_the_annotation_out() -> None:
    found = addresses(runbookUrl="")
    assert found, "no alerts"
    assert set(found.values()) == {None}, f"runbook_url: {found}, wanted none"


def test_page_names_only_panels_values_and_metrics_that_exist() -> None:
    panels = set(re.findall(r'"([A-Z][^"]*)"', PROSE))
    titles = {panel["title"] for panel in dashboard()["panels"]}
    assert len(panels) >= 8, f"{PAGE.name}: panels {sorted(panels)}, wanted 8 or more"
    assert panels <= titles, f"{PAGE.name}: no panels {sorted(panels - titles)}"

    declared = {".".join(leaf[:depth]) for leaf in leaves(defaults()) for depth in range(1, 6)}
    dotted = re.findall(r"`([a-z]\w*(?:\.\w+)+)(?:: [^`]*)?`", PROSE)
    set_there = re.findall(r"`([a-z]\w*): [^`]*`", PROSE)
    values = {*dotted, *set_there} - NO_VALUES
    assert len(values) >= 15, f"{PAGE.name}: values {sorted(values)}, wanted 15 or more"
    assert values <= declared, f"{PAGE.name}: no values {sorted(values - declared)}"

    metrics = set(re.findall(r"`(uvicorn_\w+)", PROSE))
    assert metrics, f"{PAGE.name} names no metric outside its queries"
    assert metrics <= exported(), f"{PAGE.name}: no metrics {sorted(metrics - exported())}"


def test_queries_of_the_page_work_and_ask_for_existing_metrics(tmp_path: Path) -> None:
    assert len(queries()) >= 8, f"{PAGE.name}: {len(queries())} queries, wanted 8 or more"
    for query in queries():
        names = set(METRIC_NAME.findall(query))
        assert names, f"{PAGE.name}: no metric in {query}"
        unknown = names - exported() - FOREIGN
        assert not unknown, f"{PAGE.name}: no metrics {sorted(unknown)}"
    recorded: list[dict[str, Any]] = [
        {"record": f"page:query:{number}", "expr": query} for number, query in enumerate(queries())
    ]
    path = tmp_path / "queries.yaml"
    path.write_text(yaml.safe_dump({"groups": [{"name": "page", "rules": recorded}]}))
    said = promtool("check", "rules", "--lint=all", "--lint-fatal", path)
    assert f"{len(recorded)} rules found" in said, f"promtool check rules: {said}"
