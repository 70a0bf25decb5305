"""The table of values in the chart's README, made from the comments in values.yaml.

`python tests/chart/values_table.py` rewrites it; a test fails when it has drifted.
"""

import json
import re
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import yaml

CHART = Path(__file__).parents[2] / "charts" / "uvicorn"
README = CHART / "README.md"
START, END = "<!-- values: start -->", "<!-- values: end -->"

KEY = re.compile(r"^(?P<indent> *)(?P<key>[A-Za-z][A-Za-z0-9_-]*):")
COMMENT = re.compile(r"^ *# ?(?P<text>.*)$")
MARKED = re.compile(r"^-- \((?P<type>[^)]+)\) (?P<text>.*)$")


@dataclass
class Value:
    """One documented value: its path, type, effect, and default."""

    path: tuple[str, ...]
    type: str
    text: str
    default: Any = field(default=None)

    @property
    def name(self) -> str:
        return ".".join(self.path)


@cache
def defaults() -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load((CHART / "values.yaml").read_text())
    return loaded


def lookup(values: dict[str, Any], path: tuple[str, ...]) -> Any:  # noqa: ANN401 - YAML is untyped
    found: Any = values
    for key in path:
        found = found[key]
    return found


@cache
def documented() -> list[Value]:
    """Every value with a `# -- (type) text` comment, in the file's order."""
    values: list[Value] = []
    tree = defaults()
    comment: list[str] = []
    path: list[str] = []
    for line in (CHART / "values.yaml").read_text().splitlines():
        if text := COMMENT.match(line):
            comment.append(text["text"])
            continue
        if key := KEY.match(line):
            path = [*path[: len(key["indent"]) // 2], key["key"]]
            if marked := MARKED.match(" ".join(comment)):
                place = tuple(path)
                default = lookup(tree, place)
                values.append(Value(place, marked["type"], marked["text"], default))
        comment = []
    return values


def leaves(values: dict[str, Any], above: tuple[str, ...] = ()) -> list[tuple[str, ...]]:
    """Paths of everything that is no map with entries."""
    found: list[tuple[str, ...]] = []
    for key, value in values.items():
        place = (*above, key)
        found += leaves(value, place) if isinstance(value, dict) and value else [place]
    return found


def table() -> str:
    rows = ["| value | type | default | effect and reason |", "|---|---|---|---|"]
    for value in documented():
        default = json.dumps(value.default)
        shown = "see values.yaml" if len(default) > 60 else f"`{default}`"
        text = value.text.replace("|", "\\|")
        rows.append(f"| `{value.name}` | {value.type} | {shown} | {text} |")
    return "\n".join(rows)


def readme_with_table() -> str:
    before, rest = README.read_text().split(START)
    _, after = rest.split(END)
    return f"{before}{START}\n{table()}\n{END}{after}"


if __name__ == "__main__":
    README.write_text(readme_with_table())
