"""docs/operations.md has a runbook for each alert, to which the alert links."""

import re

import yaml

from tests.chart.test_monitoring import ALL_ON, rules
from tests.support.repository import CHART, ROOT

PAGE = ROOT / "docs" / "operations.md"
TEXT = PAGE.read_text()


def runbooks() -> list[str]:
    """The headings of the section on alerts."""
    section = TEXT.partition("\n## Alerts\n")[2].partition("\n## ")[0]
    return re.findall(r"^### (.+)$", section, re.MULTILINE)


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
