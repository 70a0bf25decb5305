"""Values that a document shows, so that a test uses the same ones as a reader."""

import re
from typing import Any

import yaml

from tests.support.repository import ROOT


def documented_values(page: str, heading: str) -> dict[str, Any]:
    """Returns the first YAML block below a heading of a page in docs/.

    Raises AssertionError if there is none.
    """
    _, found, section = (ROOT / "docs" / page).read_text().partition(f"\n{heading}\n")
    assert found, f"docs/{page} has no heading {heading!r}"
    block = re.search(r"^```yaml\n(.*?)^```", section, re.MULTILINE | re.DOTALL)
    assert block, f"docs/{page}: no values below {heading!r}"
    values: dict[str, Any] = yaml.safe_load(block[1])
    return values
