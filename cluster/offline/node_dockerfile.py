"""Build one target of node/Dockerfile: a component image or the node image."""

import os
import shutil
from functools import cache
from pathlib import Path

from cluster.common import digest
from cluster.common.paths import BUILDS, NODE_FILES
from cluster.common.versions import BASE_IMAGE
from cluster.engine import image_builder
from cluster.engine.image_builder import INPUTS_LABEL
from cluster.offline import base_images
from cluster.programs.kubernetes_programs import MODULE


@cache
def inputs() -> str:
    """Return the digest of everything that the images are built from."""
    files = [path for path in NODE_FILES.rglob("*") if path.is_file()]
    return digest.of(MODULE.directory.name, BASE_IMAGE, files=files, root=NODE_FILES.parent)


@cache
def context() -> Path:
    """Return the directory that Docker builds from, and create it on the first call.

    The programs in it are hard links, because Docker does not follow symbolic links out of it.
    """
    directory = BUILDS / f"context-{inputs()}"
    directory.mkdir(parents=True, exist_ok=True)
    for name in MODULE.programs:
        link = directory / name
        link.unlink(missing_ok=True)
        os.link(MODULE.directory / name, link)
    shutil.copytree(NODE_FILES, directory / "node", dirs_exist_ok=True)
    return directory


def build_target(target: str, tag: str, **arguments: str) -> None:
    """Build a target of the Dockerfile. `arguments` are its build arguments."""
    values = {"BASE_IMAGE": BASE_IMAGE, "KIND_BASE_IMAGE": base_images.kind_base_name()}
    options = [f"--build-arg={name}={value}" for name, value in (values | arguments).items()]
    image_builder.build(
        f"build {target} {arguments.get('PROGRAM', '')}".strip(),
        [f"--target={target}", f"--tag={tag}", f"--label={INPUTS_LABEL}={inputs()}", *options,
         f"--file={context() / 'node' / 'Dockerfile'}", str(context())],
        is_offline=True,
    )  # fmt: skip
