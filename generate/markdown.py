"""The links and the anchors of a document, as GitHub reads them."""

import itertools
import re
from collections.abc import Callable, Iterator

_FENCED = re.compile(r"^(?P<indent> *)```.*?^(?P=indent)``` *$\n?", re.MULTILINE | re.DOTALL)
_INLINE_CODE = re.compile(r"(`+)(?!`).+?(?<!`)\1(?!`)", re.DOTALL)
_LINK = re.compile(r"\]\((?P<target>[^()\s]+)\)")
_HEADING = re.compile(r"^#{1,6} +(?P<text>.+?)(?: +#+)? *$", re.MULTILINE)


def links(text: str) -> list[str]:
    """Returns the targets of all links and pictures, in their order. Code has none."""
    found: list[str] = []

    def keep(target: str) -> str:
        found.append(target)
        return target

    with_links(text, keep)
    return found


def with_links(text: str, change: Callable[[str], str]) -> str:
    """Returns the text with each target of a link or a picture changed. Code stays as it is."""
    return "".join(
        part if is_code else _LINK.sub(lambda found: f"]({change(found['target'])})", part)
        for block, is_fenced in _parts(text, _FENCED)
        for part, is_code in ([(block, True)] if is_fenced else _parts(block, _INLINE_CODE))
    )


def prose(text: str) -> str:
    """Returns the text without fenced blocks of code."""
    return "".join(block for block, is_fenced in _parts(text, _FENCED) if not is_fenced)


def anchors(text: str) -> list[str]:
    """Returns the anchors of the headings, in their order."""
    found: list[str] = []
    for heading in _HEADING.finditer(prose(text)):
        shown = re.sub(r"\]\([^()]*\)", "]", heading["text"])
        plain = re.sub(r"[^\w\- ]", "", shown.lower()).replace(" ", "-")
        repeated = (f"{plain}-{number}" for number in itertools.count(1))
        found.append(next(one for one in itertools.chain([plain], repeated) if one not in found))
    return found


def _parts(text: str, code: re.Pattern[str]) -> Iterator[tuple[str, bool]]:
    """Yields each part of the text in order, and whether it is code."""
    end = 0
    for found in code.finditer(text):
        yield text[end : found.start()], False
        yield found[0], True
        end = found.end()
    yield text[end:], False
