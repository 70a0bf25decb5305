"""What is pinned is pinned once, and without addresses."""

import re
from pathlib import Path

import pytest

from cluster.versions import BASE_IMAGE, kubernetes, module_version
from deploy.names import VERSION

ROOT = Path(__file__).parents[2]
LOCKS = sorted((ROOT / "requirements").glob("*.txt"))


def test_dockerfile_and_cluster_start_from_the_same_base() -> None:
    match = re.search(r"^ARG BASE_IMAGE=(\S+)$", (ROOT / "Dockerfile").read_text(), re.MULTILINE)
    assert match is not None, "Dockerfile: no ARG BASE_IMAGE=…"
    assert match[1] == BASE_IMAGE, f"Dockerfile: {match[1]}, cluster/versions.py: {BASE_IMAGE}"


def test_dockerfile_has_the_version_of_the_project() -> None:
    match = re.search(r"^ARG VERSION=(\S+)$", (ROOT / "Dockerfile").read_text(), re.MULTILINE)
    assert match is not None, "Dockerfile: no ARG VERSION=…"
    assert match[1] == VERSION, f"Dockerfile: {match[1]}, pyproject.toml: {VERSION}"


def test_every_part_of_kubernetes_has_the_same_version() -> None:
    text = (ROOT / "cluster" / "offline" / "go.mod").read_text()
    staging = set(re.findall(r"^\tk8s\.io/\S+ => k8s\.io/\S+ (v\S+)$", text, re.MULTILINE))
    assert staging == {kubernetes().replace("v1.", "v0.", 1)}, f"go.mod replaces by {staging}"
    assert module_version("sigs.k8s.io/kind").startswith("v0."), "go.mod: kind's version"


@pytest.mark.parametrize("lock", LOCKS, ids=lambda path: path.name)
def test_lock_files_have_hashes_and_no_addresses(lock: Path) -> None:
    text = lock.read_text()
    assert "://" not in text, f"{lock.name} names an address"
    pins = re.findall(r"^(\S+)==", text, re.MULTILINE)
    assert pins, f"{lock.name} pins nothing"
    entries = re.split(r"^(?=\S+==)", text, flags=re.MULTILINE)[1:]
    for entry in entries:
        assert "--hash=sha256:" in entry, f"{lock.name}: no hash for {entry.splitlines()[0]}"
