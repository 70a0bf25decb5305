"""Tests, files and make targets that the documents name exist."""

import re
from pathlib import Path

import pytest

from tests.support.repository import ROOT

FOLDERS = (".", ".github", "app/*", "charts/*", "docs")
DOCUMENTS = sorted(document for folder in FOLDERS for document in ROOT.glob(f"{folder}/*.md"))
TOP_FOLDERS = r"\.github|app|bench|charts|cluster|docs|generate|requirements|tests"
TARGETS = set(re.findall(r"^([a-z0-9-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_named_and_linked_files_exist(document: Path) -> None:
    text = document.read_text()
    named = [ROOT / name for name in re.findall(rf"`((?:{TOP_FOLDERS})/[\w/.-]*)`", text)]
    links = re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", text)
    # Documents that are also read elsewhere link by full addresses.
    addresses = re.findall(r"\]\(https://[^)]+/(?:blob|tree)/main/([^)#]+)", text)
    paths = [
        *named,
        *(document.parent / link for link in links),
        *(ROOT / address for address in addresses),
    ]
    missing = [str(path) for path in paths if not path.exists()]
    assert not missing, f"{document.name} names {missing}"


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_named_make_targets_exist(document: Path) -> None:
    named = set(re.findall(r"(?:^|`)make (?:-s )?([a-z0-9-]+)", document.read_text(), re.MULTILINE))
    assert named <= TARGETS, f"{document.name} names make {sorted(named - TARGETS)}"


def constant(module: str, name: str) -> int:
    """A number that a module of `bench` sets. Reading it does not import what it measures."""
    text = (ROOT / "bench" / f"{module}.py").read_text()
    (found,) = re.findall(rf"^{name} = (\d+)\b", text, re.MULTILINE)
    return int(found)


def test_figures_name_the_rounds_that_the_bench_runs() -> None:
    text = " ".join((ROOT / "docs" / "runtime.md").read_text().split())
    slices = constant("throughput", "STARTS") * constant("throughput", "ROUNDS")
    starts = constant("cold_start", "ROUNDS")
    slow = -(-starts // constant("cold_start", "SLOW_EVERY"))
    for said in (
        f"python -m bench.deflate`, median of {constant('deflate', 'ROUNDS')} interleaved rounds",
        f"python -m bench.throughput`: {slices} interleaved slices",
        f"medians of {starts} starts, in the last row of {slow}. `PYTHONPATH=app .venv/bin/python",
    ):
        assert said in text, f"docs/runtime.md does not say {said!r}"
