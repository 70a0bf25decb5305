"""Writes the pages of the website into build/site-pages; `make site` runs it.

The pages are the documents that GitHub shows. A link from one to another stays on the site. A link
to any other file of the repository leads to that file on GitHub.
"""

import re
import shutil
import sys
import tomllib
from pathlib import Path
from posixpath import dirname, normpath

from generate.markdown import with_links
from generate.python_markdown import python_markdown

ROOT = Path(__file__).resolve().parents[1]
CONFIG = Path(__file__).with_name("site.toml")
BUILD = ROOT / "build"
REPOSITORY: str = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["urls"]["Source"]
# Documents outside of docs/, and their names on the site.
OTHERS = {
    "README.md": "index.md",
    "CONTRIBUTING.md": "contributing.md",
    "charts/uvicorn/README.md": "chart-values.md",
}
_ON_GITHUB = re.compile(rf"{re.escape(REPOSITORY)}/(?:blob|tree)/main/(?P<file>.+)")
_NAV_LINE = re.compile(r'^  \{ ".+" = "(?P<page>.+\.md)" \},\n', re.MULTILINE)


def documents(root: Path = ROOT) -> dict[str, str]:
    """Returns the name on the site of each document; raises ValueError if two have the same."""
    pages = {f"docs/{path.name}": path.name for path in sorted((root / "docs").glob("*.md"))}
    if both := set(pages.values()) & set(OTHERS.values()):
        raise ValueError(f"docs/ has {sorted(both)}, a name that the site gives to another page")
    return OTHERS | pages


def page(document: str, text: str, root: Path = ROOT) -> str:
    """Returns the page of a document; raises ValueError for a link to a file that is missing."""
    return python_markdown(with_links(text, lambda target: _on_site(document, target, root)))


def _on_site(document: str, target: str, root: Path) -> str:
    address, mark, anchor = target.partition("#")
    if on_github := _ON_GITHUB.fullmatch(address):
        file = on_github["file"]
    elif not address or re.match(r"[a-z]+:", address):
        return target
    else:
        file = normpath(f"{dirname(document)}/{address}" if dirname(document) else address)
    if (pages := documents(root)).get(file):
        return f"{pages[file]}{mark}{anchor}"
    if not (root / file).exists():
        raise ValueError(f"{document}: a link to {target}, which does not exist")
    if file.startswith("docs/") and (root / file).is_file():
        return f"{file.removeprefix('docs/')}{mark}{anchor}"
    kind = "tree" if (root / file).is_dir() else "blob"
    return f"{REPOSITORY}/{kind}/main/{file}{mark}{anchor}"


def config(root: Path = ROOT) -> str:
    """Returns the configuration without the pages that do not exist.

    Raises ValueError if the navigation lacks a page.
    """
    text = CONFIG.read_text()
    pages = set(documents(root).values())
    if missing := pages - set(_NAV_LINE.findall(text)):
        raise ValueError(f"generate/{CONFIG.name}: add {sorted(missing)} to `nav`")
    return _NAV_LINE.sub(lambda line: line[0] if line["page"] in pages else "", text)


def main() -> str | None:
    """Write the pages, the other files of docs/ and the configuration; returns what is wrong."""
    folder = BUILD / "site-pages"
    for old in (folder, BUILD / "site"):
        shutil.rmtree(old, ignore_errors=True)
    shutil.copytree(ROOT / "docs", folder, ignore=shutil.ignore_patterns("*.md"))
    try:
        for document, name in documents().items():
            (folder / name).write_text(page(document, (ROOT / document).read_text()))
        (BUILD / CONFIG.name).write_text(config())
    except ValueError as error:
        return f"error: {error}"
    return None


if __name__ == "__main__":
    sys.exit(main())
