"""Converts values from flat maps of dotted names to the nested maps of Helm."""

from collections.abc import Mapping
from typing import Any

Tree = dict[str, Any]


def tree(flat: Mapping[str, Any]) -> Tree:
    """A nested map from dotted names."""
    root: Tree = {}
    for name, value in flat.items():
        *above, last = name.split(".")
        place = root
        for key in above:
            place = place.setdefault(key, {})
        place[last] = value
    return root


def merged(base: Mapping[str, Any], over: Mapping[str, Any]) -> Tree:
    """Merges like Helm: maps are merged, every other value is replaced."""
    result = dict(base)
    for key, value in over.items():
        below = result.get(key)
        is_map = isinstance(value, Mapping) and isinstance(below, Mapping)
        result[key] = merged(below, value) if is_map else value  # type: ignore[arg-type] # is_map
    return result


def at(values: Mapping[str, Any], name: str) -> Any:  # noqa: ANN401 - YAML is untyped
    """The value of a dotted name; KeyError if it does not exist."""
    found: Any = values
    for key in name.split("."):
        found = found[key]
    return found
