"""The folders of the package build on each other in one direction."""

import ast
from collections import defaultdict
from graphlib import TopologicalSorter

from cluster.common.paths import CLUSTER

MAY_IMPORT_RELEASE = {"release", "up", "environment", "__main__"}


def imports() -> dict[str, set[str]]:
    """Return each folder or top-level module of the package → those that it imports."""
    graph: dict[str, set[str]] = defaultdict(set)
    for file in CLUSTER.rglob("*.py"):
        importer = file.relative_to(CLUSTER).with_suffix("").parts[0]
        for node in ast.walk(ast.parse(file.read_text())):
            if isinstance(node, ast.ImportFrom) and node.module:
                names = [f"{node.module}.{alias.name}" for alias in node.names]
                parts = [name.split(".") for name in names]
                graph[importer] |= {part[1] for part in parts if part[0] == "cluster"} - {importer}
    return graph


def test_the_cluster_is_created_without_knowing_the_chart_or_the_app() -> None:
    importers = {name for name, imported in imports().items() if "release" in imported}
    assert "up" in importers, f"only {importers} import cluster.release"
    assert importers <= MAY_IMPORT_RELEASE, f"{importers - MAY_IMPORT_RELEASE} import the release"


def test_no_folder_imports_one_that_imports_it() -> None:
    graph = imports()
    assert graph["__main__"] >= {"common", "up"}, f"__main__ imports {graph['__main__']}"
    TopologicalSorter(graph).prepare()  # raises CycleError, which names the circle
