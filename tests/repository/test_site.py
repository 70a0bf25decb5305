"""The website of `make site` shows the documents as GitHub does, and nothing from elsewhere."""

import re
from pathlib import Path

import pytest

from generate import site_check, site_pages
from generate.markdown import links
from generate.python_markdown import python_markdown
from tests.support.repository import ROOT

GITHUB = site_pages.REPOSITORY
DOCUMENTS = site_pages.documents()


@pytest.fixture
def pages(tmp_path: Path) -> Path:
    """A folder with one page that has no fault."""
    (tmp_path / "index.html").write_text(
        '<link rel="canonical" href="https://site.example"><a href="https://keda.sh">KEDA</a>'
        '<img src="story.svg"><code>| --- | [x](y) ```</code><script>"](https://"</script>'
    )
    (tmp_path / "main.css").write_text('a{background:url("data:image/svg+xml;utf8,<svg/>")}')
    return tmp_path


def test_every_document_is_in_the_navigation_once() -> None:
    named = re.findall(r'"([\w-]+\.md)"', site_pages.config())
    assert sorted(named) == sorted(DOCUMENTS.values()), f"site.toml: navigation of {named}"


def test_a_page_that_the_navigation_lacks_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs" / "unknown.md").touch()
    with pytest.raises(ValueError, match=r"unknown\.md"):
        site_pages.config(tmp_path)


@pytest.mark.parametrize("document", DOCUMENTS)
def test_links_of_a_page_lead_to_pages_pictures_or_the_repository(document: str) -> None:
    text = site_pages.page(document, (ROOT / document).read_text())
    local = {link.partition("#")[0] for link in links(text) if "://" not in link}
    docs = ROOT / "docs"
    files = {str(path.relative_to(docs)) for path in docs.rglob("*") if path.suffix != ".md"}
    strange = local - {""} - files - set(DOCUMENTS.values())
    assert not strange, f"{document}: links to {sorted(strange)}, which the site does not have"


@pytest.mark.parametrize(
    ("document", "link", "wanted"),
    [
        ("README.md", "docs/chart.md#alerts", "chart.md#alerts"),
        ("README.md", "docs/story.svg", "story.svg"),
        ("README.md", "docs/bench/rollout.svg", "bench/rollout.svg"),
        ("docs/performance.md", "bench", f"{GITHUB}/tree/main/docs/bench"),
        ("README.md", "LICENSE", f"{GITHUB}/blob/main/LICENSE"),
        ("docs/chart.md", "#alerts", "#alerts"),
        ("docs/chart.md", "../README.md", "index.md"),
        ("docs/chart.md", "../tests/e2e", f"{GITHUB}/tree/main/tests/e2e"),
        ("docs/chart.md", "../charts/uvicorn/README.md#install", "chart-values.md#install"),
        ("charts/uvicorn/README.md", f"{GITHUB}/blob/main/docs/chart.md", "chart.md"),
        ("charts/uvicorn/README.md", f"{GITHUB}/issues", f"{GITHUB}/issues"),
        ("docs/chart.md", "https://keda.sh", "https://keda.sh"),
    ],
)
def test_link_leads_to_the_page_or_else_to_github(document: str, link: str, wanted: str) -> None:
    page = site_pages.page(document, f"[text]({link}) `[text]({link})`\n")
    assert page == f"[text]({wanted}) `[text]({link})`\n", f"{document}, {link}: {page}"


def test_a_link_to_a_missing_file_is_an_error() -> None:
    with pytest.raises(ValueError, match=r"docs/chart\.md: a link to missing\.md"):
        site_pages.page("docs/chart.md", "[text](missing.md)\n")


@pytest.mark.parametrize(
    ("github", "site"),
    [
        ("text\n- one\n  more\n- two\n\ntext\n", "text\n\n- one\n    more\n- two\n\ntext\n"),
        ("1. one\n\n   more\n2. two\n", "1. one\n\n    more\n2. two\n"),
        ("- one\n  - inner\n    more\n", "- one\n    - inner\n        more\n"),
        ("- one\n\n  ```\n  - a\n    b\n  ```\n", "- one\n\n    ```\n    - a\n      b\n    ```\n"),
        ("```\ntext\n- a\n\n  b\n```\n", "```\ntext\n- a\n\n  b\n```\n"),
        ("| `a \\| b` | c \\| d |\n", "| `a | b` | c \\| d |\n"),
    ],
)
def test_lists_and_tables_are_written_for_python_markdown(github: str, site: str) -> None:
    assert python_markdown(github) == site, f"{github!r} became {python_markdown(github)!r}"


def test_a_good_site_has_no_fault(pages: Path) -> None:
    assert site_check.faults(pages) == []


@pytest.mark.parametrize(
    ("file", "text"),
    [
        ("a.html", '<script src="https://cdn.example/a.js"></script>'),
        ("a.html", '<link rel="stylesheet" href="//fonts.example/css">'),
        ("a.html", '<link rel="preconnect" href="https://fonts.example">'),
        ("a.html", '<img src="https://badge.example/a.svg">'),
        ("a.html", "<p>| a |\n|---|\n| b |</p>"),
        ("a.html", "<p>text\n- one</p>"),
        ("a.html", "<p>[text](chart.md)</p>"),
        ("a.css", "@import 'https://fonts.example/css';"),
        ("a.css", "a{src:url(https://fonts.example/a.woff2)}"),
    ],
)
def test_a_fault_of_the_site_is_found(file: str, text: str, pages: Path) -> None:
    (pages / file).write_text(text)
    (fault,) = site_check.faults(pages)
    assert fault.startswith(file), f"{file}: {fault}"


def test_an_empty_site_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        site_check.faults(tmp_path)
