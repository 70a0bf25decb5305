"""The Python package holds only the runtime, and its links lead to this repository."""

import shutil
import subprocess
import sys
import tarfile
import tomllib
import zipfile
from pathlib import Path

import pytest
import yaml

from cluster.release.names import VERSION
from tests.support.repository import CHART, ROOT

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
SOURCES = {path.name for path in (ROOT / "app" / "uvicorn_pod").glob("*.py")} | {"py.typed"}


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the source distribution and the wheel built from it, without the network."""
    checkout, folder = tmp_path_factory.mktemp("checkout"), tmp_path_factory.mktemp("packages")
    tracked = subprocess.run(
        ["git", "ls-files"], capture_output=True, text=True, check=True, cwd=ROOT
    )
    for name in tracked.stdout.splitlines():
        if (ROOT / name).exists():
            (checkout / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, checkout / name)
    command = [sys.executable, "-m", "uv", "build", "--quiet", "--offline", "--no-build-isolation"]
    done = subprocess.run(
        [*command, f"--out-dir={folder}"], capture_output=True, text=True, check=False, cwd=checkout
    )
    assert done.returncode == 0, f"uv build: {done.stdout}{done.stderr}"
    return folder


def test_wheel_holds_only_the_runtime(built: Path) -> None:
    with zipfile.ZipFile(built / f"uvicorn_pod-{VERSION}-py3-none-any.whl") as wheel:
        names = {name for name in wheel.namelist() if ".dist-info/" not in name}
        metadata = wheel.read(f"uvicorn_pod-{VERSION}.dist-info/METADATA").decode()
    assert names == {f"uvicorn_pod/{name}" for name in SOURCES}, f"the wheel holds {sorted(names)}"
    readme = (ROOT / PROJECT["readme"]).read_text()
    assert metadata.endswith(readme), "the package index does not show the package's README"


def test_source_distribution_holds_only_what_the_wheel_is_built_from(built: Path) -> None:
    with tarfile.open(built / f"uvicorn_pod-{VERSION}.tar.gz") as archive:
        files = [member.name for member in archive if member.isfile()]
    names = {name.partition("/")[2] for name in files if ".egg-info/" not in name}
    wanted = {f"app/uvicorn_pod/{name}" for name in SOURCES | {"README.md"}}
    wanted |= {"LICENSE", "PKG-INFO", "README.md", "pyproject.toml", "setup.cfg"}
    assert names == wanted, f"differ in {sorted(names ^ wanted)}"


@pytest.mark.parametrize("label", ["Homepage", "Documentation", "Source", "Issues", "Changelog"])
def test_package_links_into_the_repository_that_the_chart_names(label: str) -> None:
    home = yaml.safe_load((CHART / "Chart.yaml").read_text())["home"]
    url = PROJECT["urls"][label]
    assert url.startswith(home), f"{label}: {url} is not below {home}"
    _, _, file = url.partition("/blob/main/")
    assert (ROOT / file).exists(), f"{label}: {file} is not in the repository"
