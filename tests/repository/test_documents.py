"""What the documents name is there: tests, files that are linked to, and make targets."""

import re
from pathlib import Path

import pytest

from tests.support.repository import ROOT

DOCUMENTS = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/*.md"), *ROOT.glob("charts/*/*.md")])
TARGETS = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_named_tests_and_linked_files_exist(document: Path) -> None:
    text = document.read_text()
    named = [ROOT / name for name in re.findall(r"`(tests/[\w/]+\.py)`", text)]
    links = re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", text)
    # As a document that leaves the repository has them.
    addresses = re.findall(r"\]\(https://[^)]+/blob/main/([^)#]+)", text)
    paths = [
        *named,
        *(document.parent / link for link in links),
        *(ROOT / address for address in addresses),
    ]
    missing = [str(path) for path in paths if not path.exists()]
    assert not missing, f"{document.name} names {missing}"


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_named_make_targets_exist(document: Path) -> None:
    named = set(re.findall(r"(?:^|`)make (?:-s )?([a-z-]+)", document.read_text(), re.MULTILINE))
    assert named <= TARGETS, f"{document.name} names make {sorted(named - TARGETS)}"


def test_guarantees_name_a_test_for_each_promise() -> None:
    rows = (ROOT / "docs" / "guarantees.md").read_text().split("|---|---|---|---|\n")[1]
    promises = [row for row in rows.splitlines() if row.startswith("|")]
    assert promises, "docs/guarantees.md: no promises"
    for promise in promises:
        assert "`tests/" in promise, f"docs/guarantees.md: no test for {promise}"
