"""The chart's values as documented in its README, which helm-docs makes from values.yaml."""

import re
from dataclasses import dataclass
from functools import cache, reduce
from typing import Any

import yaml

from tests.support.repository import CHART

README = CHART / "README.md"
ROW = re.compile(
    r"^\| `(?P<name>[^`]+)` \| (?P<type>[a-z ]+) \| .+ \| (?P<text>\S.*) \|$", re.MULTILINE
)


@dataclass(frozen=True)
class Value:
    """A documented value."""

    path: tuple[str, ...]
    type: str
    text: str
    default: Any

    @property
    def name(self) -> str:
        return ".".join(self.path)


@cache
def defaults() -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load((CHART / "values.yaml").read_text())
    return loaded


def lookup(values: dict[str, Any], path: tuple[str, ...]) -> Any:  # noqa: ANN401 - YAML is untyped
    return reduce(dict.__getitem__, path, values)


@cache
def documented() -> list[Value]:
    """Every documented value, in the order of values.yaml."""
    _, reference = README.read_text().split("## All values")
    rows = [(tuple(row["name"].split(".")), row) for row in ROW.finditer(reference)]
    return [Value(path, row["type"], row["text"], lookup(defaults(), path)) for path, row in rows]


def most_touched() -> list[str]:
    """Names of the values in the first table of the README."""
    first, *_ = README.read_text().split("## All values")[0].split("## Environments")
    return [row["name"] for row in ROW.finditer(first)]


def leaves(values: dict[str, Any], above: tuple[str, ...] = ()) -> list[tuple[str, ...]]:
    """Paths of all values except for maps with entries."""
    found: list[tuple[str, ...]] = []
    for key, value in values.items():
        place = (*above, key)
        found += leaves(value, place) if isinstance(value, dict) and value else [place]
    return found
