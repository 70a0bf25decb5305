"""Every mistake that values.schema.json forbids, at each place of the schema.

The mistakes come from a walk through the schema and the items of its lists. A value that is added
to the schema needs no new line here.
"""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from tests.chart.trees import Tree, merged
from tests.support.repository import CHART

SCHEMA: dict[str, Any] = json.loads((CHART / "values.schema.json").read_text())
UNKNOWN = "sentinel !"  # invalid even in a map with the user's names
Schema = dict[str, Any]
TEXT: Schema = {"type": "string"}
EXAMPLES = ["x", "/x", "* * * * *", "a.b:c", "x/y"]


@dataclass(frozen=True)
class Mutator:
    """A mistake: `values` over a valid set. Helm must name `place` and say `said` about it."""

    what: str
    place: str
    values: Any
    said: str

    @property
    def name(self) -> str:
        return f"{self.what} at {self.place or '/'}"

    def __call__(self, values: Tree) -> Tree:
        return merged(values, self.values)

    def under(self, key: str | int, values: object) -> "Mutator":
        """The same mistake, seen from the map or list that has it under `key`."""
        return Mutator(self.what, f"/{key}{self.place}", values, self.said)


def mutators(schema: Schema = SCHEMA, *, is_item: bool = False) -> Iterator[Mutator]:
    """Every mistake in a value that this schema describes. `values` is the wrong value itself.

    Helm merges values over the defaults, where null removes a key, but it replaces whole lists.
    """
    schema = resolved(schema)
    kinds = types(schema)
    if "enum" in schema:
        yield Mutator("an unknown word", "", "sentinel", "value must be one of")
    elif kinds and schema is not SCHEMA:
        wrong = [4711] if "array" not in kinds else "sentinel"
        yield Mutator("another type", "", wrong, ", want ")
    yield from out_of_range(schema)
    yield from in_a_map(schema, is_item=is_item)
    if "items" in schema:
        for fault in mutators(schema["items"], is_item=True):
            yield fault.under(0, [fault.values])


def out_of_range(schema: Schema) -> Iterator[Mutator]:
    if "minimum" in schema:
        yield Mutator("too small", "", schema["minimum"] - 1, "minimum: got")
    if "maximum" in schema:
        yield Mutator("too large", "", schema["maximum"] + 1, "maximum: got")
    if "pattern" in schema:
        wrong = next(text for text in (" !", '"') if not re.search(schema["pattern"], text))
        yield Mutator("another form", "", wrong, "does not match pattern")
    if "minLength" in schema:
        yield Mutator("no text", "", "", "minLength: got 0")
    if "minItems" in schema:
        yield Mutator("no item", "", [], "minItems: got 0")


def in_a_map(schema: Schema, *, is_item: bool) -> Iterator[Mutator]:
    """Unknown and missing keys, and the mistakes in each key's value."""
    rest: Any = smallest(schema) if is_item and "required" in schema else {}
    extra = schema.get("additionalProperties")
    if extra is False:
        said = f"additional properties '{UNKNOWN}' not allowed"
        yield Mutator("an unknown key", "", rest | {UNKNOWN: 1}, said)
    for key in schema.get("required", []):
        without: Any = {name: value for name, value in rest.items() if name != key}
        if not is_item:
            without = {key: None}
        yield Mutator(f"no {key}", "", without, f"missing property '{key}'")
    for entry in entries(schema):  # like an item, it has no default, so null removes no key
        for fault in mutators(entry, is_item=True):
            yield fault.under("X", rest | {"X": fault.values})
    for key, value in schema.get("properties", {}).items():
        for fault in mutators(value, is_item=is_item):
            yield fault.under(key, rest | {key: fault.values})


def entries(schema: Schema) -> list[Schema]:
    """The schemas of keys that are not listed by name."""
    extra = schema.get("additionalProperties")
    found = [extra] if isinstance(extra, dict) else []
    if schema is not SCHEMA:  # x-… at the root takes everything
        found += schema.get("patternProperties", {}).values()
    return found


def resolved(schema: Schema) -> Schema:
    if "$ref" not in schema:
        return schema
    found: Schema = SCHEMA["definitions"][schema["$ref"].rpartition("/")[2]]
    return found


def types(schema: Schema) -> list[str]:
    found = schema.get("type", [])
    return [found] if isinstance(found, str) else found


def smallest(schema: Schema) -> object:
    """A valid value, for the required keys of a list's item that has a mistake elsewhere."""
    schema = resolved(schema)
    if "enum" in schema:
        return schema["enum"][0]
    kind = (types(schema) or ["object"])[0]
    if kind == "object":
        inner = schema.get("properties", {})
        return {key: smallest(inner.get(key, TEXT)) for key in schema.get("required", [])}
    if kind == "string":
        return next(text for text in EXAMPLES if re.search(schema.get("pattern", ""), text))
    return {"integer": schema.get("minimum", 1), "array": [], "boolean": True}[kind]
