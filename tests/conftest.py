"""The order of all tests, and the packaged chart in a registry, which two folders use."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.commands import run
from tests.support.oci_registry import running_registry
from tests.support.repository import ROOT

E2E = ROOT / "tests" / "e2e"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Start the tests on the cluster first: they wait for Kubernetes while the others compute."""
    items.sort(key=lambda item: E2E not in item.path.parents)


@pytest.fixture(scope="session")
def package(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The chart as `make package` makes it."""
    folder = tmp_path_factory.mktemp("dist")
    run("make", "--silent", "package", f"DIST={folder}", folder=ROOT)
    found = list(folder.iterdir())
    assert len(found) == 1, f"make package made {found}, wanted one file"
    return found[0]


@pytest.fixture(scope="session")
def oci(package: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Where the package was pushed to, as `oci://HOST:PORT/charts`; by plain HTTP."""
    with running_registry(tmp_path_factory.mktemp("registry")) as address:
        run("helm", "push", str(package), f"oci://{address}/charts", "--plain-http")
        yield f"oci://{address}/charts"
