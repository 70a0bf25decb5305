"""What is pinned is pinned once, and without addresses."""

import re
from pathlib import Path

import pytest

from cluster import kubernetes_version
from cluster.common.paths import KUBERNETES_MODULE
from cluster.common.versions import BASE_IMAGE, kubernetes, module_version
from cluster.programs import tool_choice
from cluster.release.names import VERSION
from tests.support.repository import ROOT

LOCKS = sorted((ROOT / "requirements").glob("*.txt"))


def test_dockerfile_and_cluster_start_from_the_same_base() -> None:
    match = re.search(r"^ARG BASE_IMAGE=(\S+)$", (ROOT / "Dockerfile").read_text(), re.MULTILINE)
    assert match is not None, "Dockerfile: no ARG BASE_IMAGE=…"
    assert match[1] == BASE_IMAGE, f"Dockerfile: {match[1]}, versions.py: {BASE_IMAGE}"


def test_dockerfile_has_the_version_of_the_project() -> None:
    match = re.search(r"^ARG VERSION=(\S+)$", (ROOT / "Dockerfile").read_text(), re.MULTILINE)
    assert match is not None, "Dockerfile: no ARG VERSION=…"
    assert match[1] == VERSION, f"Dockerfile: {match[1]}, pyproject.toml: {VERSION}"


def test_every_part_of_kubernetes_has_the_same_version() -> None:
    text = (KUBERNETES_MODULE / "go.mod").read_text()
    staging = set(re.findall(r"^\tk8s\.io/\S+ => k8s\.io/\S+ (v\S+)$", text, re.MULTILINE))
    assert staging == {kubernetes().replace("v1.", "v0.", 1)}, f"go.mod replaces by {staging}"
    assert module_version("sigs.k8s.io/kind").startswith("v0."), "go.mod: kind's version"


def test_node_images_are_those_of_the_kind_that_is_used() -> None:
    pinned = module_version("sigs.k8s.io/kind")
    assert pinned == kubernetes_version.KIND, (
        f"kind is {pinned}, the images are of {kubernetes_version.KIND}"
    )
    oldest = "v{}.{}.0".format(*tool_choice.TOOLS["kind"].oldest)
    assert oldest == pinned, f"kind {oldest} would do, but the images are of {pinned}"
    for version, image in kubernetes_version.IMAGES.items():
        assert re.fullmatch(rf"kindest/node:v{version}\.\d+@sha256:[0-9a-f]{{64}}", image), image


@pytest.mark.parametrize("lock", LOCKS, ids=lambda path: path.name)
def test_lock_files_have_hashes_and_no_addresses(lock: Path) -> None:
    text = lock.read_text()
    assert "://" not in text, f"{lock.name} names an address"
    pins = re.findall(r"^(\S+)==", text, re.MULTILINE)
    assert pins, f"{lock.name} pins nothing"
    entries = re.split(r"^(?=\S+==)", text, flags=re.MULTILINE)[1:]
    for entry in entries:
        assert "--hash=sha256:" in entry, f"{lock.name}: no hash for {entry.splitlines()[0]}"
