"""What the benches share: comparisons, records, the page that is made from them, and bars."""

from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest

from bench import page
from bench.bar_chart import Bar, BarChart, Group
from bench.pod_times import CREATED, READY, SCHEDULED, STARTED, reached
from bench.record import HIGHER, LOWER, UNCLEAR, Comparison, Findings, Record, Table

CHART = BarChart(
    "A loses 1 request & B none",
    "requests lost",
    [Group("all", [Bar("A", 1, "1", 0.5, 1.5, is_ours=True), Bar("B", 0, "0")])],
)
FINDINGS = Findings(
    [Table("Lost", ["server", "requests"], [["A", "1"], ["B", "0"]])],
    CHART,
    [Comparison("p99: A against B", 1.3, 1.25, 1.35)],
    {"A in a rollout": "loses some"},
    {"Python": "3.13.0"},
)


@pytest.mark.parametrize(
    ("ratios", "verdict"),
    [
        ([1.3, 1.31, 1.32, 1.33], HIGHER),
        ([0.5, 0.51, 0.52], LOWER),
        ([0.98, 1.01, 1.02, 1.05], UNCLEAR),
        ([0.7, 0.8, 2.2, 2.3, 2.5], UNCLEAR),
        ([0.9, 1.5, 1.6, 1.7, 1.8], HIGHER),
        ([1.17, 1.18, 1.19], UNCLEAR),
        ([1.0, 1.0, 1.0], UNCLEAR),
        ([1.6, 1.7, 2.7, 2.9], HIGHER),
        ([1 / 1.6, 1 / 1.7, 1 / 2.7, 1 / 2.9], LOWER),
    ],
)
def test_a_conclusion_needs_quartiles_on_one_side_and_a_clear_median(
    ratios: list[float], verdict: str
) -> None:
    found = Comparison.of("A against B", ratios)
    assert found.verdict == verdict, found.said()


def test_a_record_is_read_as_it_was_written(tmp_path: Path) -> None:
    record = Record.new("stack", 3.21, FINDINGS)
    record.write(tmp_path)
    assert Record.read("stack", tmp_path) == record
    assert (tmp_path / "stack.svg").read_text() == CHART.svg()


def test_changed_conclusions_are_told_but_not_changed_figures() -> None:
    before = Record.new("stack", 3, FINDINGS)
    same = Findings([], comparisons=[Comparison.of("p99: A against B", [1.3, 1.3, 1.4])])
    other = Findings([], comparisons=[Comparison.of("p99: A against B", [0.7, 0.7])])
    counts = "A in a rollout: not measured, before: loses some"
    assert Record.new("stack", 3, same).changed(before) == [counts]
    assert Record.new("stack", 3, other).changed(before) == [
        "p99: A against B: lower, before: higher", counts,
    ]  # fmt: skip


def test_the_page_has_the_sections_that_have_a_record() -> None:
    record = Record.new("stack", 3, FINDINGS)
    prose = "# Title\n\n## One\n\n<!-- bench: stack -->\n\n## Two\n\n<!-- bench: cost -->\n"
    written = page.page(prose, {"stack": record})
    for said in (f"![{CHART.title}](bench/stack.svg)", "| A | 1 |", "1.30 times (1.25 to 1.35)"):
        assert said in written, f"{said!r} is not in {written}"
    assert written.startswith("# Title\n\n## One\n"), written
    for left_out in ("## Two", "<!--"):
        assert left_out not in written, written


def test_bars_and_their_labels_stay_on_the_picture() -> None:
    root = ET.fromstring(CHART.svg())  # noqa: S314 - the project's own text
    bars = [one for one in root.iter("{http://www.w3.org/2000/svg}rect") if one.get("x")]
    assert [float(one.get("width") or 0) > 1 for one in bars] == [True, False]
    right = max(float(one.get("x") or 0) for one in root.iter("{http://www.w3.org/2000/svg}text"))
    assert right < float(root.get("width") or 0), f"a label begins at {right}"


def test_a_pod_has_reached_what_its_status_says() -> None:
    pod: dict[str, Any] = {"status": {"conditions": [{"type": "PodScheduled", "status": "True"}]}}
    assert reached(pod) == [CREATED, SCHEDULED]
    pod["status"]["conditions"].append({"type": "Ready", "status": "True"})
    pod["status"]["containerStatuses"] = [{"state": {"running": {}}}]
    assert reached(pod) == [CREATED, SCHEDULED, STARTED, READY]
