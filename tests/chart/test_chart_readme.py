"""The chart's README is what helm-docs makes of values.yaml, with the main values first."""

import re
import subprocess

from generate.values_comments import parts
from tests.chart.documented_values import README, most_touched
from tests.support.repository import CHART

SCREEN_LINES = 40


def test_readme_is_what_helm_docs_makes_of_values_yaml() -> None:
    command = ["helm-docs", "--dry-run", "--chart-search-root=charts", "--sort-values-order=file"]
    done = subprocess.run(
        command, capture_output=True, text=True, check=False, cwd=CHART.parents[1]
    )
    assert done.returncode == 0, f"helm-docs: {done.stderr}"
    assert done.stdout.strip() == README.read_text().strip(), (
        "charts/uvicorn/README.md has drifted: run `make docs`"
    )


def test_readme_has_the_parts_of_values_yaml() -> None:
    reference = README.read_text().split("## All values")[1]
    tables = re.split(r"^### (.+)$", reference, flags=re.MULTILINE)[1:]
    found = {
        part: list(dict.fromkeys(re.findall(r"^\| `(\w+)", table, re.MULTILINE)))
        for part, table in zip(tables[::2], tables[1::2], strict=True)
    }
    assert found == parts(), f"README.md has {found}, values.yaml has {parts()}"


def test_readme_shows_ten_values_on_its_first_screen() -> None:
    names = most_touched()
    assert len(names) == 10, f"README.md: {len(names)} values at the top: {names}"
    assert {"image.repository", "app"} <= set(names), f"README.md: at the top are {names}"
    lines = README.read_text().splitlines()
    last = max(
        number
        for number, line in enumerate(lines)
        if line.startswith(f"| `{names[-1]}`") and number < lines.index("## All values")
    )
    assert last < SCREEN_LINES, f"README.md: the ten values end in line {last + 1}"
