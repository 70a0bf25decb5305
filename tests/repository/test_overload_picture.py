"""docs/under-pressure.md says what docs/bench/overload.json says."""

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


def test_the_figures_are_what_the_document_says(chart: LineChart) -> None:
    text = " ".join((ROOT / "docs" / "under-pressure.md").read_text().split())
    ours, bare = (line.points for line in chart.lines)
    most = chart.level.points
    assert "At five times its capacity it still answers about as many requests as it can" in text
    assert ours[5] >= 0.9 * most[5], f"{ours[5]} requests/s of {most[5]}"
    assert "At twice its capacity, plain uvicorn answers nobody in time" in text
    assert bare[2] < 1, f"plain uvicorn: {bare[2]} requests/s of {most[2]}"
