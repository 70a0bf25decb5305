"""Every file that names the version names the one of pyproject.toml; one command writes it."""

import shutil
import subprocess
from pathlib import Path

import pytest

from cluster.release.names import VERSION
from generate import version
from generate.version import PLACES, Place
from tests.support.repository import ROOT

OTHER = "98.76.54"


@pytest.mark.parametrize("place", PLACES, ids=lambda place: f"{place.file} {place.pattern}")
def test_file_names_the_version_of_the_project(place: Place) -> None:
    found = place.versions()
    assert set(found) == {VERSION}, f"{place.file}: {found}, pyproject.toml: {VERSION}"


def test_published_names_have_a_version_only_where_the_command_writes_it() -> None:
    """Tests are left out: they take names from cluster.release.names."""
    named = r"(uvicorn-pod/(build|runtime|reference|charts/uvicorn):|uvicorn_pod-|refs/tags/v)[0-9]"
    written = sorted({f":!{place.file}" for place in PLACES})
    command = ["git", "grep", "-nIE", named, "--", ".", ":!tests", *written]
    found = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert found.returncode == 1, f"not in generate/version.py: {found.stdout}{found.stderr}"


def copy_places(folder: Path) -> None:
    for place in PLACES:
        copy = folder / place.file
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / place.file, copy)


def test_version_command_writes_every_place(tmp_path: Path) -> None:
    copy_places(tmp_path)
    version.write(OTHER, tmp_path)
    assert version.differences(OTHER, tmp_path) == []
    for file in sorted({place.file for place in PLACES}):
        before, after = (ROOT / file).read_text(), (tmp_path / file).read_text()
        assert after.replace(OTHER, VERSION) == before, f"{file}: more than the version changed"


def test_version_check_names_the_file_that_differs(tmp_path: Path) -> None:
    copy_places(tmp_path)
    Place("Dockerfile", r"^ARG VERSION=(.+)$").write(OTHER, tmp_path)
    wanted = [f"Dockerfile names version {OTHER}, not {VERSION}"]
    assert version.differences(VERSION, tmp_path) == wanted


@pytest.mark.parametrize("wrong", ["v0.2.0", "0.2", "0.2.0-rc.1", ""])
def test_version_command_refuses_a_version_that_is_not_three_numbers(wrong: str) -> None:
    with pytest.raises(ValueError, match="use three numbers"):
        version.write(wrong)
