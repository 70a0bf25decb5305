"""Tests, files, headings and make targets that the documents name exist."""

import re
from pathlib import Path

import pytest

from generate.markdown import anchors, links, prose
from tests.support.repository import ROOT

FOLDERS = (".", ".github", "app/*", "charts/*", "docs")
DOCUMENTS = sorted(document for folder in FOLDERS for document in ROOT.glob(f"{folder}/*.md"))
TOP_FOLDERS = r"\.github|app|bench|charts|cluster|docs|generate|requirements|tests"
TARGETS = set(re.findall(r"^([a-z0-9-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
# The test that runs the commands of a page.
RUN_BY = {
    "README.md": "tests/e2e/test_readme.py",
    "docs/quickstart.md": "tests/e2e/test_quickstart.py",
    "docs/operations.md": "tests/e2e/test_operators_commands.py",
    "docs/tuning.md": "tests/e2e/test_operators_commands.py",
    "docs/your-image.md": "tests/e2e/test_operators_commands.py",
}
# Commands that look at a release of this project, which has none yet.
NOT_RUN = {"docs/security.md"}
EACH = pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))


def linked(document: Path) -> list[tuple[Path, str]]:
    """Each file of the repository that a document links to, and the anchor in it."""
    found = []
    for target in links(document.read_text()):
        address, _, anchor = target.partition("#")
        # Documents that are also read elsewhere link by full addresses.
        if inside := re.fullmatch(r"https://[^)]+/(?:blob|tree)/main/(.+)", address):
            found.append((ROOT / inside[1], anchor))
        elif ":" not in address:
            found.append((document.parent / address if address else document, anchor))
    return found


@EACH
def test_named_and_linked_files_exist(document: Path) -> None:
    named = re.findall(rf"`((?:{TOP_FOLDERS})/[\w/.-]*)`", document.read_text())
    paths = [*(ROOT / name for name in named), *(path for path, _ in linked(document))]
    missing = [str(path) for path in paths if not path.exists()]
    assert not missing, f"{document.name} names {missing}"


@EACH
def test_linked_headings_exist(document: Path) -> None:
    missing = [
        f"{path.name}#{anchor}"
        for path, anchor in linked(document)
        if anchor and path.exists() and anchor not in anchors(path.read_text())
    ]
    assert not missing, f"{document.name} links to {missing}"


@EACH
def test_links_are_written_in_the_form_that_these_tests_read(document: Path) -> None:
    text = re.sub(r"`[^`\n]*`", "", prose(document.read_text()))
    others = re.findall(r"^\[[^]]+\]: |\]\[|<(?:a|img) ", text, re.MULTILINE)
    assert not others, f"{document.name} has {others}: write each link as [text](target)"


@pytest.mark.parametrize(
    ("headings", "wanted"),
    [
        ("## Try it\n", ["try-it"]),
        ("## With `uvicorn`: `runtime: uvicorn`\n", ["with-uvicorn-runtime-uvicorn"]),
        ("# Coming from …\n\n### The `route_name`\n", ["coming-from-", "the-route_name"]),
        ("## [Helm 3](helm.md) & 4 + both\n", ["helm-3--4--both"]),
        ("## Cost\n## Cost\n## Cost\n", ["cost", "cost-1", "cost-2"]),
        ("```sh\n# a comment\n```\n", []),
    ],
)
def test_anchors_are_those_of_github(headings: str, wanted: list[str]) -> None:
    assert anchors(headings) == wanted, f"{headings!r} has {anchors(headings)}"


@EACH
def test_named_make_targets_exist(document: Path) -> None:
    named = set(re.findall(r"(?:^|`)make (?:-s )?([a-z0-9-]+)", document.read_text(), re.MULTILINE))
    assert named <= TARGETS, f"{document.name} names make {sorted(named - TARGETS)}"


def test_a_test_runs_the_commands_of_each_page() -> None:
    with_commands = {
        str(page.relative_to(ROOT)) for page in DOCUMENTS if "\n```sh\n" in page.read_text()
    }
    assert with_commands == RUN_BY.keys() | NOT_RUN, f"commands are in {sorted(with_commands)}"
    for page, test in RUN_BY.items():
        assert Path(page).stem in (ROOT / test).read_text(), f"{test} does not read {page}"
