"""The comments in the chart's values.yaml: the part, the text and the example of each value.

A text is one of these, in this order:

- the `# -- (type) text` above the key, as helm-docs reads it;
- plain comment lines directly above the key, for a map that only groups values;
- a comment at the end of the key's line, in nested defaults and in examples.

An example is a commented copy of the key, below the key.
"""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

VALUES = Path(__file__).parents[1] / "charts" / "uvicorn" / "values.yaml"
BANNER = re.compile(r"^# =+ (?P<part>.+?) =+$")
MARKED = re.compile(r"^# -- (\([a-z ]+\) )?")
END_OF_LINE = re.compile(r"  # (?P<text>.+)$")
ITEM = "[]"  # stands for every item of a list in a path

Keys = tuple[str, ...]


def texts() -> dict[Keys, str]:
    """The text of every key in values.yaml, then in its examples; empty where a key has none."""
    lines = VALUES.read_text().splitlines()
    keys = list(_pairs(VALUES.read_text()))
    found = {path: _text(lines, key) for path, key, _ in keys}
    for path, key, value in keys:
        example = _example(lines, key, value)
        for below, inner, _ in _pairs(example, path[:-1]) if example else ():
            found[below] = found.get(below) or _text(example.splitlines(), inner)
    return found


def examples() -> dict[str, Any]:
    """The example of each value that has one, by the value's dotted name."""
    source = VALUES.read_text()
    lines = source.splitlines()
    copies = {path: _example(lines, key, value) for path, key, value in _pairs(source)}
    return {".".join(path): yaml.safe_load(copy)[path[-1]] for path, copy in copies.items() if copy}


def parts() -> dict[str, list[str]]:
    """The top-level keys below each banner."""
    found: dict[str, list[str]] = {}
    for line in VALUES.read_text().splitlines():
        if banner := BANNER.match(line):
            found[banner["part"]] = []
        elif key := re.match(r"(\w+):", line):
            list(found.values())[-1].append(key[1])
    return found


def _pairs(source: str, above: Keys = ()) -> Iterator[tuple[Keys, yaml.Node, yaml.Node]]:
    """Path, key and value of every key at any depth, in the order of the source."""
    yield from _pairs_of(yaml.compose(source, Loader=yaml.SafeLoader), above)


def _pairs_of(node: yaml.Node | None, path: Keys) -> Iterator[tuple[Keys, yaml.Node, yaml.Node]]:
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            yield (*path, key.value), key, value
            yield from _pairs_of(value, (*path, key.value))
    elif isinstance(node, yaml.SequenceNode):
        for item in node.value:
            yield from _pairs_of(item, (*path, ITEM))


def _text(lines: list[str], key: yaml.Node) -> str:
    number = key.start_mark.line
    block: list[str] = []
    while number > 0 and (comment := lines[number - 1].strip()).startswith("#"):
        block.insert(0, comment)
        number -= 1
    marked = [index for index, line in enumerate(block) if MARKED.match(line)]
    wanted = [line for line in block[marked[-1] if marked else 0 :] if not line.startswith("# @")]
    text = " ".join(MARKED.sub("", line).removeprefix("# ") for line in wanted)
    end = END_OF_LINE.search(lines[key.start_mark.line])
    return text or (end["text"] if end else "")


def _example(lines: list[str], key: yaml.Node, value: yaml.Node) -> str:
    """The commented copy of the key below its value, as YAML; empty if there is none."""
    start = " " * key.start_mark.column + "# "
    found = []
    for line in lines[_last_line(value) + 1 :]:
        if not line.startswith(start) or MARKED.match(line.strip()):
            break
        found.append(line.removeprefix(start))
    return "\n".join(found) if found and found[0].startswith(f"{key.value}:") else ""


def _last_line(node: yaml.Node) -> int:
    """Of the node itself: the end that YAML marks for a block is behind the comments after it."""
    if isinstance(node, yaml.CollectionNode) and not node.flow_style and node.value:
        last = node.value[-1]
        return _last_line(last[1] if isinstance(node, yaml.MappingNode) else last)
    return int(node.start_mark.line)
