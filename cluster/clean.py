"""`python3 -m cluster down` and `clean`."""

import shutil

from . import engine, kind, tools
from .paths import STATE
from .process import output
from .versions import BASE_IMAGE

COMPONENTS = ("registry.k8s.io/*", "registry.k8s.io/*/*")
OURS = ("uvicorn-pod/*", "ghcr.io/uvicorn-pod/*", *COMPONENTS, BASE_IMAGE)


def down() -> None:
    """Remove the cluster and nothing else."""
    if engine.answers() and tools.are_there():
        kind.delete()


def clean() -> None:
    """Remove the cluster, the images and everything that was built; stop an engine of ours."""
    down()
    if engine.answers():
        _remove_images()
    if engine.is_ours():
        # On somebody's own engine the cache holds other people's work too.
        output(["docker", "builder", "prune", "--all", "--force"], timeout_seconds=300)
        engine.stop()
        print("the container engine that `make up` started is stopped")
    shutil.rmtree(STATE, ignore_errors=True)


def _remove_images() -> None:
    """Remove the images made here: by name too, as images made from them inherit the label."""
    references = [f"--filter=reference={name}" for name in OURS]
    labelled = f"--filter=label={engine.INPUTS_LABEL}"
    form = "--format={{.Repository}}:{{.Tag}}"
    names = output(["docker", "images", form, labelled, *references])
    if names:
        output(["docker", "rmi", "--force", *names.splitlines()], timeout_seconds=300)
    output(["docker", "image", "prune", "--force", labelled], timeout_seconds=300)
