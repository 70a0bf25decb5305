"""`ct lint` finds no fault: Chart.yaml by its schema, every YAML file by yamllint, `helm lint`."""

from tests.support.commands import run
from tests.support.repository import CHART, ROOT


def test_ct_lints_the_chart() -> None:
    command = ["ct", "lint", "--all", f"--config={ROOT / 'ct.yaml'}"]
    output = run(*command, f"--chart-dirs={CHART.parent}", folder=ROOT)
    assert "All charts linted successfully" in output, output
