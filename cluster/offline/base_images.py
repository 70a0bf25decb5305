"""The images that the others start from: Debian's base image and kind's node base."""

import shutil

from cluster.common.paths import BUILDS
from cluster.common.process import run_logged
from cluster.common.versions import BASE_IMAGE, BASE_SUITE, module_version
from cluster.engine import docker, image_builder
from cluster.engine.image_builder import INPUTS_LABEL
from cluster.programs.kubernetes_programs import module_source

LEFT_OUT = ("doc", "man", "info", "locale", "groff", "lintian")
"""Folders of /usr/share that are left out of the base image."""


def is_debian_base_built() -> bool:
    return image_builder.image_id(BASE_IMAGE) is not None


def build_debian_base() -> None:
    """Build BASE_IMAGE from Debian packages, under the name that it has in the registry."""
    if shutil.which("mmdebstrap") is None:
        docker.apt_install("install mmdebstrap", ("mmdebstrap",))
    BUILDS.mkdir(parents=True, exist_ok=True)
    archive = BUILDS / "base.tar"
    without = [f"--dpkgopt=path-exclude=/usr/share/{name}/*" for name in LEFT_OUT]
    run_logged(
        "build the base image",
        [
            "mmdebstrap", "--variant=minbase", "--include=ca-certificates", *without,
            BASE_SUITE, str(archive),
        ],
    )  # fmt: skip
    with archive.open("rb") as stream:
        run_logged(
            "import the base image",
            ["docker", "import", f"--change=LABEL {INPUTS_LABEL}=", "-", BASE_IMAGE],
            stdin_from=stream,
        )
    archive.unlink()


def kind_base_name() -> str:
    """Return the name of kind's node base, for the version of kind that go.mod pins."""
    return f"uvicorn-pod/kind-base:{module_version('sigs.k8s.io/kind')}"


def is_kind_base_built() -> bool:
    return image_builder.image_id(kind_base_name()) is not None


def build_kind_base() -> None:
    """Build kind's node base on BASE_IMAGE, from the Dockerfile in kind's own source."""
    folder = module_source("sigs.k8s.io/kind") / "images" / "base"
    image_builder.build(
        "build kind's node base",
        [
            "--target=base", f"--tag={kind_base_name()}", f"--label={INPUTS_LABEL}=",
            f"--build-arg=BASE_IMAGE={BASE_IMAGE}", str(folder),
        ],
        is_offline=True,
    )  # fmt: skip
