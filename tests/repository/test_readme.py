"""README.md is short, and says the same figures, values and pages as the other documents."""

import re
from typing import Any

import pytest
import yaml

from tests.chart.documented_values import defaults, lookup, most_touched
from tests.repository.tables import NUMBER, cells, guarantees_of
from tests.support.repository import ROOT

README = (ROOT / "README.md").read_text()


def table(heading: str) -> list[list[str]]:
    """The cells of the first table below a heading of README.md, row by row without its head."""
    _, found, section = README.partition(f"\n## {heading}\n")
    assert found, f"README.md has no heading {heading!r}"
    rows = re.search(r"(?:^\|.*\n)+", section, re.MULTILINE)
    assert rows, f"README.md: no table below {heading!r}"
    _, _, *lines = rows[0].splitlines()
    return cells(lines)


def test_readme_is_short() -> None:
    lines = len(README.splitlines())
    assert lines <= 120, f"README.md: {lines} lines, at most 120"


def test_readme_has_ten_guarantees() -> None:
    rows = table("Guarantees")
    assert len(rows) == 10, f"README.md: {len(rows)} guarantees, wanted ten"


@pytest.mark.parametrize("row", table("Guarantees"), ids=lambda row: row[2])
def test_figures_of_a_guarantee_are_those_of_the_page(row: list[str]) -> None:
    _, figure, test = row
    file = re.fullmatch(r"\[\w+\]\((tests/\w+/test_\w+\.py)\)", test)
    assert file, f"README.md: {test} is not a link to a test"
    there = guarantees_of(file[1])
    assert there, f"docs/guarantees.md has no row with {file[1]}"
    missing = set(NUMBER.findall(figure)) - set(NUMBER.findall(there))
    assert not missing, f"docs/guarantees.md does not say {sorted(missing)} for {file[1]}"


def test_readme_has_the_ten_values_of_the_chart_with_their_defaults() -> None:
    shown: dict[str, Any] = {
        name.strip("`"): yaml.safe_load(default.strip("`")) for name, default, _ in table("Values")
    }
    wanted = {name: lookup(defaults(), tuple(name.split("."))) for name in most_touched()}
    assert shown == wanted, f"README.md has {shown}, the chart has {wanted}"


def test_readme_links_to_every_page() -> None:
    pages = [path.name for path in sorted((ROOT / "docs").glob("*.md"))]
    assert pages, "no pages in docs/"
    missing = [name for name in pages if f"](docs/{name})" not in README]
    assert not missing, f"README.md does not link to {missing} in docs/"
