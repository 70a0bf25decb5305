"""The rows of docs/chart-features.md. `make docs` writes their defaults from values.yaml."""

import json
import re
from dataclasses import dataclass

from tests.chart.documented_values import defaults
from tests.chart.trees import at
from tests.support.repository import ROOT

PAGE = ROOT / "docs" / "chart-features.md"
ROW = re.compile(r"^\| (?P<cells>.*) \|$")
CODE = re.compile(r"`([^`]+)`")
FILE = "[values.yaml](../charts/uvicorn/values.yaml)"


@dataclass(frozen=True)
class Feature:
    """A row: a feature, the values that control it, and its tests."""

    name: str
    values: list[str]
    default: str
    render_tests: list[str]
    cluster_tests: list[str]


def features() -> list[Feature]:
    found = []
    for line in PAGE.read_text().splitlines():
        if (row := ROW.match(line)) and CODE.search(line):
            name, *cells = row["cells"].split(" | ")
            values, render, cluster = (CODE.findall(cells[index]) for index in (0, 2, 3))
            found.append(Feature(name, values, cells[1], render, cluster))
    return found


def shown_default(values: list[str]) -> str:
    """The default of each value; for a group or a long default, the file to look in."""
    shown = []
    for name in values:
        default = json.dumps(at(defaults(), name), ensure_ascii=False)
        is_group = default.startswith("{") and default != "{}"
        shown.append(FILE if is_group or len(default) > 40 else f"`{default}`")
    return ", ".join(shown) or "always"


def page_with_defaults() -> str:
    lines = []
    for line in PAGE.read_text().splitlines():
        if (row := ROW.match(line)) and CODE.search(line):
            name, values, _, *tests = row["cells"].split(" | ")
            cells = [name, values, shown_default(CODE.findall(values)), *tests]
            lines.append(f"| {' | '.join(cells)} |")
        else:
            lines.append(line)
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    PAGE.write_text(page_with_defaults())
