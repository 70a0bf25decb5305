"""Descriptions and order of keys in values.schema.json, made from values.yaml by `make docs`.

Editors show the description of a key as its help. A key that values.yaml does not have keeps the
description it has in the schema. The old names of `_old_names.tpl` pass the schema, so that the
templates can refuse them with the way out.
"""

import json
import re
import textwrap
from pathlib import Path
from typing import Any

from generate.values_comments import ITEM, VALUES, Keys, texts

CHART = VALUES.parent
SCHEMA = CHART / "values.schema.json"
WIDTH = 120  # of an object or list that stays on one line, without its indent

Schema = dict[str, Any]


class Writer:
    """Puts the texts of values.yaml into a schema, and its keys in the order of values.yaml."""

    def __init__(self, schema: Schema) -> None:
        self._definitions: dict[str, Schema] = schema["definitions"]
        self._texts = texts()
        self._numbers = {path: number for number, path in enumerate(self._texts)}
        # Of a key in a map of properties, by the map's identity: a definition has several paths.
        self._written: dict[tuple[int, str], str] = {}
        self._places: dict[tuple[int, str], int] = {}

    def write(self, node: Schema, path: Keys = ()) -> None:
        """Changes the node and all below it.

        ValueError where keys with different texts share a definition.
        """
        if "$ref" in node:
            node = self._definitions[node["$ref"].rpartition("/")[2]]
        if "items" in node:
            self.write(node["items"], (*path, ITEM))
        below: Schema = node.get("properties", {})
        for key in below:
            self._describe(below, key, (*path, key))
            self.write(below[key], (*path, key))

        def place(key: str) -> int:
            return self._places.get((id(below), key), -1)

        pairs = sorted(below.items(), key=lambda pair: place(pair[0]))
        below.clear()
        below.update(pairs)
        node.get("required", []).sort(key=place)

    def _describe(self, below: Schema, key: str, path: Keys) -> None:
        if path in self._numbers:
            self._places.setdefault((id(below), key), self._numbers[path])
        if text := self._texts.get(path):
            if self._written.setdefault((id(below), key), text) != text:
                raise ValueError(
                    f"{'.'.join(path)} shares a definition with another text: inline it."
                )
            rest = {name: value for name, value in below[key].items() if name != "description"}
            below[key] = {"description": text} | rest


def compact(value: object, indent: int = 0) -> str:
    """JSON in which an object or list stays on one line as long as it fits there."""
    line = json.dumps(value, ensure_ascii=False)
    if not isinstance(value, (dict, list)) or len(line) <= WIDTH:
        return line
    inner = "\n" + " " * (indent + 2)
    if isinstance(value, dict):
        entries = [f"{json.dumps(name)}: {compact(of, indent + 2)}" for name, of in value.items()]
        body = f",{inner}".join(entries)
    elif isinstance(value[0], str):
        body = inner.join(textwrap.wrap(line[1:-1], WIDTH, break_on_hyphens=False))
    else:
        body = f",{inner}".join(compact(item, indent + 2) for item in value)
    return f"{line[0]}{inner}{body}\n{' ' * indent}{line[-1]}"


def old_names(chart: Path = CHART) -> dict[str, str]:
    """Dotted names that a chart refuses, each with the way out."""
    table = (chart / "templates" / "refusals" / "_old_names.tpl").read_text()
    return dict(re.findall(r"^([A-Za-z][A-Za-z.]*): (.+)$", table, re.MULTILINE))


def is_old(node: Schema) -> bool:
    """Whether a key of the schema lets an old name through: only such a key has no type."""
    return set(node) == {"description"}


def _let_through(schema: Schema, names: dict[str, str]) -> None:
    """Puts these names into the schema, in place of all old names that it has."""
    nodes = [schema]
    for node in nodes:
        below: Schema = node.get("properties", {})
        for key in [key for key, value in below.items() if is_old(value)]:
            del below[key]
        nodes += below.values()
    for name, way_out in names.items():
        *above, last = name.split(".")
        node = schema
        for key in above:
            node = node["properties"][key]
        node["properties"][last] = {"description": f"Not a value of this chart: {way_out}."}


def page(chart: Path = CHART) -> str:
    """The schema as it should be."""
    schema: Schema = json.loads((chart / SCHEMA.name).read_text())
    _let_through(schema, old_names(chart))
    Writer(schema).write(schema)
    return compact(schema) + "\n"


if __name__ == "__main__":
    SCHEMA.write_text(page())
