"""Each figure of docs/tuning.md is on the page, or belongs to the test, that it links to."""

import re

import pytest

from generate.markdown import links
from tests.repository.tables import NUMBER, cells, guarantees_of
from tests.support.repository import ROOT

PAGE = ROOT / "docs" / "tuning.md"
NO_FIGURE = "\N{EN DASH}"
TABLE = re.compile(r"^\|.* \| figure \|\n\|[-|]+\n((?:\|.*\n)+)", re.MULTILINE)


def rows() -> list[list[str]]:
    """The cells of each row of the tables with a column of figures."""
    return cells(line for table in TABLE.findall(PAGE.read_text()) for line in table.splitlines())


ROWS = rows()
FIGURES = [row[-1] for row in ROWS if row[-1] != NO_FIGURE]


def source(target: str) -> str:
    """The text of the linked page; of a linked test, its rows in docs/guarantees.md."""
    path = (PAGE.parent / target.partition("#")[0]).resolve()
    if path.suffix == ".md":
        return path.read_text()
    return guarantees_of(str(path.relative_to(ROOT.resolve())))


def test_each_row_has_three_cells() -> None:
    assert len(ROWS) >= 20, f"{PAGE.name}: {len(ROWS)} rows, wanted 20 or more"
    wrong = [row for row in ROWS if len(row) != 3]
    assert not wrong, f"{PAGE.name}: rows {wrong}, wanted three cells each"


@pytest.mark.parametrize("figure", FIGURES)
def test_figure_is_that_of_its_link(figure: str) -> None:
    sources = [source(target) for target in links(figure)]
    assert sources, f"{PAGE.name}: no link in {figure!r}"
    assert all(sources), f"docs/guarantees.md has no row with a test of {figure!r}"
    shown = re.sub(r"\]\([^)]*\)", "]", figure)
    missing = set(NUMBER.findall(shown)) - set(NUMBER.findall("\n".join(sources)))
    assert not missing, f"the links of {figure!r} do not say {sorted(missing)}"


def test_page_is_short() -> None:
    lines = len(PAGE.read_text().splitlines())
    assert lines <= 170, f"{PAGE.name}: {lines} lines, at most 170"
