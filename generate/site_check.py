"""Checks the website that `make site` built: it loads nothing from elsewhere, shows no Markdown."""

import re
import sys
from html.parser import HTMLParser
from pathlib import Path

SITE = Path(__file__).resolve().parents[1] / "build" / "site"
# Elements whose address the browser loads without a click, except for some links to other pages.
LOADS = {"iframe": "src", "img": "src", "link": "href", "object": "data", "script": "src",
         "source": "src", "video": "src"}  # fmt: skip
NOT_LOADED = {"canonical", "next", "prev"}
ELSEWHERE = re.compile(r"(?:https?:)?//")
IN_STYLES = re.compile(r"(?:@import|url\()\s*[\"']?(?:https?:)?//[^)\s]*")
# Marks of a table, of a fence, of a link and of the items of a list.
MARKDOWN = re.compile(r"\|\s*-{3,}|```|\]\(|^[-*] ", re.MULTILINE)


class _Page(HTMLParser):
    """Collects the faults of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.faults: list[str] = []
        self._in_code = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._in_code += tag in ("code", "script", "style")
        named = dict(attrs)
        address = named.get(LOADS.get(tag, "")) or ""
        if ELSEWHERE.match(address) and named.get("rel") not in NOT_LOADED:
            self.faults.append(f"<{tag}> loads {address}")

    def handle_endtag(self, tag: str) -> None:
        self._in_code -= tag in ("code", "script", "style")

    def handle_data(self, data: str) -> None:
        if not self._in_code and MARKDOWN.search(data):
            self.faults.append(f"shows Markdown: {data.strip()[:80]!r}")


def faults(site: Path) -> list[str]:
    """Returns each fault of the pages in a folder; raises FileNotFoundError if there are none."""
    pages = sorted(site.glob("*.html"))
    if not pages:
        raise FileNotFoundError(f"no *.html in {site}")
    found = []
    for path in pages:
        parser = _Page()
        parser.feed(path.read_text())
        found += [f"{path.name} {fault}" for fault in parser.faults]
    for path in sorted(site.rglob("*.css")):
        found += [f"{path.name} has {load}" for load in IN_STYLES.findall(path.read_text())]
    return found


def main() -> str | None:
    """Print the address of the website; returns what is wrong."""
    if found := faults(SITE):
        return "error: " + "\nerror: ".join(found)
    print(f"{SITE}/index.html")
    return None


if __name__ == "__main__":
    sys.exit(main())
