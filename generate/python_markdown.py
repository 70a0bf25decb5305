"""Writes GitHub's Markdown in the way that Python-Markdown reads it."""

import re

INDENT = 4
_ITEM = re.compile(r" *(?:[-*]|\d+\.) +(?=\S)")
_FENCE = re.compile(r" *```")
_INLINE_CODE = re.compile(r"`[^`\n]+`")


def python_markdown(text: str) -> str:
    """Puts a blank line before each list, and indents what belongs to an item by four spaces.

    In code within a table, a vertical bar loses the backslash that GitHub needs.
    """
    written: list[str] = []
    offsets: list[int] = []  # where the text of each open item begins, the innermost item last
    in_fence = False
    for line in text.splitlines():
        after_blank = not written or not written[-1]
        indent = len(line) - len(line.lstrip())
        is_fence = bool(_FENCE.match(line))
        item = None if in_fence else _ITEM.match(line)
        if item and not offsets and not after_blank:
            written.append("")
        if line and not in_fence and (item or is_fence or after_blank):
            offsets = [offset for offset in offsets if offset <= indent]
        outer = offsets[-1] if offsets else 0
        written.append((" " * INDENT * len(offsets) + line[min(indent, outer) :]).rstrip())
        if item:
            offsets.append(item.end())
        in_fence ^= is_fence
        if line.startswith("|") and not in_fence:
            written[-1] = _INLINE_CODE.sub(lambda code: code[0].replace("\\|", "|"), written[-1])
    return "\n".join(written) + "\n"
