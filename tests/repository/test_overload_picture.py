"""The picture and the text of docs/under-pressure.md say what docs/bench/overload.json says."""

import pytest

from bench.line_chart import LineChart
from bench.overload import BARE, FACTORS, LATE_MS, POD
from bench.record import Record, Table
from tests.support.repository import ROOT


@pytest.fixture(scope="module")
def record() -> Record:
    return Record.read("overload")


@pytest.fixture(scope="module")
def chart(record: Record) -> LineChart:
    chart = record.findings.chart
    assert isinstance(chart, LineChart), f"overload: chart {type(chart).__name__}"
    return chart


@pytest.fixture(scope="module")
def table(record: Record) -> Table:
    (table,) = record.findings.tables
    return table


def test_the_figures_are_of_every_rate_and_the_load_was_in_time(
    chart: LineChart, table: Table
) -> None:
    assert [line.name for line in chart.lines] == [POD, BARE]
    for line in chart.lines:
        assert tuple(line.points) == FACTORS, f"{line.name}: {dict(line.points)}"
    assert len(table.rows) == len(FACTORS), f"{len(table.rows)} rows, {len(FACTORS)} rates"
    for row in table.rows:
        late_ms = float(row[-1].removesuffix(" ms"))
        assert late_ms < LATE_MS, f"{row[0]}: the load was {late_ms} ms late"


def test_the_document_says_the_figures_and_has_the_title_of_the_picture(
    chart: LineChart, table: Table
) -> None:
    text = " ".join((ROOT / "docs" / "under-pressure.md").read_text().split())
    last = max(FACTORS)
    good, capacity = chart.lines[0].points[last], chart.level.points[last]
    refused = float(table.rows[-1][table.columns.index(f"{POD}: 503/s")])
    for said in (
        f"![{chart.title}](bench/overload.svg)",
        f"about {capacity:.0f} requests/s",
        f"At {last:g} times the capacity it answers {good:.0f} requests/s",
        f"refusing the other {refused:.0f}",
        "`make bench BENCH=overload`",
    ):
        assert said in text, f"docs/under-pressure.md does not say {said!r}"
