"""chart-testing lints the chart and installs every value set of ci/, each with its `helm test`."""

from tests.cluster.release import CHART, ROOT, run

INSTALL_SECONDS = 900


def test_ct_lints_the_chart() -> None:
    said = run(
        "ct", "lint", "--all", f"--config={ROOT / 'ct.yaml'}", f"--chart-dirs={CHART.parent}"
    )
    assert "All charts linted successfully" in said, said


def test_ct_installs_every_value_set() -> None:
    value_sets = sorted(path.name for path in (CHART / "ci").glob("*-values.yaml"))
    assert value_sets, f"no *-values.yaml in {CHART / 'ci'}"
    said = run(
        "ct", "install", "--all", f"--config={ROOT / 'ct.yaml'}", f"--chart-dirs={CHART.parent}",
        timeout_seconds=INSTALL_SECONDS,
    )  # fmt: skip
    for name in value_sets:
        assert name in said, f"ct install did not use {name}: {said[-2000:]}"
