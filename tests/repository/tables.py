"""The tables of the documents, and the figures in them."""

import re
from collections.abc import Iterable

from tests.support.repository import ROOT

GUARANTEES = ROOT / "docs" / "guarantees.md"
NUMBER = re.compile(r"(?<![\w.])\d+(?:[.,]\d+)*(?!\w)")


def cells(lines: Iterable[str]) -> list[list[str]]:
    """Returns the cells of each of these rows."""
    return [[cell.strip() for cell in line.strip("|").split(" | ")] for line in lines]


def guarantees_of(test: str) -> str:
    """Returns the rows of docs/guarantees.md that name a test file; empty if there are none."""
    return "\n".join(line for line in GUARANTEES.read_text().splitlines() if f"`{test}`" in line)
