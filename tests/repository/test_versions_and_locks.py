"""Each version is pinned once or agrees everywhere; lock files hold hashes and no addresses."""

import re
from pathlib import Path

import pytest

from cluster import kubernetes_version
from cluster.common.paths import KUBERNETES_MODULE
from cluster.common.versions import BASE_IMAGE, kubernetes, module_version
from cluster.programs import tool_choice
from tests.support.repository import ROOT

LOCKS = sorted((ROOT / "requirements").glob("*.txt"))


def pins(lock: Path) -> set[str]:
    """Each package of a lock file with its version, as `name==version`."""
    found = set(re.findall(r"^(\S+==\S+) ", lock.read_text(), re.MULTILINE))
    assert found, f"{lock.name} pins nothing"
    return found


def test_dockerfile_and_cluster_start_from_the_same_base() -> None:
    match = re.search(r"^ARG BASE_IMAGE=(\S+)$", (ROOT / "Dockerfile").read_text(), re.MULTILINE)
    assert match is not None, "Dockerfile: no ARG BASE_IMAGE=…"
    assert match[1] == BASE_IMAGE, f"Dockerfile: {match[1]}, versions.py: {BASE_IMAGE}"


def test_every_part_of_kubernetes_has_the_same_version() -> None:
    text = (KUBERNETES_MODULE / "go.mod").read_text()
    staging = set(re.findall(r"^\tk8s\.io/\S+ => k8s\.io/\S+ (v\S+)$", text, re.MULTILINE))
    assert staging == {kubernetes().replace("v1.", "v0.", 1)}, f"go.mod replaces by {staging}"
    assert module_version("sigs.k8s.io/kind").startswith("v0."), "go.mod: kind's version"


def test_node_images_belong_to_the_kind_version_in_use() -> None:
    pinned = module_version("sigs.k8s.io/kind")
    assert pinned == kubernetes_version.KIND, (
        f"kind is {pinned}, the images are of {kubernetes_version.KIND}"
    )
    oldest = "v{}.{}.0".format(*tool_choice.TOOLS["kind"].oldest)
    assert oldest == pinned, f"kind {oldest} is accepted, but the images are of {pinned}"
    for version, image in kubernetes_version.IMAGES.items():
        assert re.fullmatch(rf"kindest/node:v{version}\.\d+@sha256:[0-9a-f]{{64}}", image), image


@pytest.mark.parametrize("lock", LOCKS, ids=lambda path: path.name)
def test_lock_file_has_a_hash_for_each_package_and_no_address(lock: Path) -> None:
    text = lock.read_text()
    for unwanted in ("://", "--index", str(Path.home())):
        assert unwanted not in text, f"{lock.name} contains {unwanted}"
    packages = re.split(r"^(?=\S+==)", text, flags=re.MULTILINE)[1:]
    assert len(packages) == len(pins(lock)), f"{lock.name}: {len(packages)} packages"
    for package in packages:
        assert "--hash=sha256:" in package, f"{lock.name}: no hash for {package.splitlines()[0]}"


def test_a_package_has_one_version_in_all_lock_files() -> None:
    """The images and the tests run the same versions, and each lock adds to a smaller one."""
    runtime, image, traced, dev = (
        pins(ROOT / "requirements" / f"{name}.txt")
        for name in ("runtime", "image", "traced", "dev")
    )
    assert runtime < image, f"not in image.txt: {sorted(runtime - image)}"
    assert image < traced, f"not in traced.txt: {sorted(image - traced)}"
    assert traced < dev, f"not in dev.txt: {sorted(traced - dev)}"
