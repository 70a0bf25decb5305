"""The files that three pages of docs/ show, and the objects that they render."""

import re
import shutil
from functools import cache
from pathlib import Path

import yaml

from tests.chart.manifests import Manifest, render
from tests.chart.trees import Tree
from tests.support.repository import CHART, ROOT

PAGE = ROOT / "docs" / "recipes.md"
PAGES = (PAGE, *(ROOT / "docs" / f"{name}.md" for name in ("your-image", "existing-image")))
BLOCK = re.compile(r"^( *)(?:```|~~~)(\w*)\n(.*?)^ *(?:```|~~~)$", re.MULTILINE | re.DOTALL)
NAME = re.compile(r"# ([\w-]+\.yaml)\n")
# The languages of blocks that are not values.
COMMANDS = ("dockerfile", "sh")
# The files of the parent chart, which only render together.
PARENT = ("Chart.yaml", "values.yaml")
# The files that stand before a file on the page's command line.
BEFORE = {"prod.yaml": ("base.yaml", "charts/uvicorn/environments/prod.yaml")}


@cache
def files() -> dict[str, str]:
    """Every YAML block of the pages, by the file name in its first line.

    Raises AssertionError if a block has no name, shares its name, or is neither YAML nor a command.
    """
    found: dict[str, str] = {}
    for page in PAGES:
        for indent, language, text in BLOCK.findall(page.read_text()):
            if language in COMMANDS or (not language and text.startswith("helm ")):
                continue
            named = NAME.match(text)
            assert named, f"{page.name}: a block without a file name: {text[:80]!r}"
            name = named[1]
            assert (indent, language) == ("", "yaml"), f"{name}: the block must begin with ```yaml"
            assert name not in found, f"{page.name}: another block is called {name}"
            found[name] = text
    assert found, "the pages show no file"
    return found


def documents(name: str) -> list[Tree]:
    return list(yaml.safe_load_all(files()[name]))


def values(name: str) -> Tree:
    """The values of the chart in a file, also in a manifest of Argo CD or Flux."""
    *_, last = documents(name)
    found: Tree
    match last.get("kind"):
        case "Application":
            found = last["spec"]["source"]["helm"]["valuesObject"]
        case "HelmRelease":
            found = last["spec"]["values"]
        case _:
            found = last
    return found


def rendered(name: str, folder: Path, kube_version: str | None = None) -> list[Manifest]:
    """What Helm renders from a file of the pages, with the files that stand before it."""
    if name in PARENT:
        return parent_chart(folder, values("values.yaml"), kube_version)
    before = tuple(written(each, folder) for each in BEFORE.get(name, ()))
    return render(values(name), files=before, kube_version=kube_version)


def written(name: str, folder: Path) -> Path:
    """A file of the pages in this folder, or a file of the repository where it is."""
    if name not in files():
        return ROOT / name
    path = folder / name
    path.write_text(files()[name])
    return path


def parent_chart(folder: Path, given: Tree, kube_version: str | None = None) -> list[Manifest]:
    """What the parent chart of the page renders with this chart as its dependency."""
    parent = folder / "parent"
    if not parent.exists():
        links = shutil.ignore_patterns("ci")
        shutil.copytree(CHART, parent / "charts" / "uvicorn", ignore=links)
        written("Chart.yaml", parent)
    return render(given, chart=parent, kube_version=kube_version)
