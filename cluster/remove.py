"""`python3 -m cluster down` and `clean`."""

import shutil

from cluster import kind
from cluster.common.errors import ClusterError
from cluster.common.paths import STATE
from cluster.common.process import output, run_logged
from cluster.common.versions import BASE_IMAGE
from cluster.engine import docker, image_builder

COMPONENTS = ("registry.k8s.io/*", "registry.k8s.io/*/*")
OURS = ("uvicorn-pod/*", "ghcr.io/uvicorn-pod/*", *COMPONENTS, BASE_IMAGE)


def down() -> None:
    """Remove the cluster and nothing else.

    Raises ClusterError where an engine may hold one but does not answer.
    """
    if docker.answers():
        kind.delete()
    elif shutil.which("docker") is not None:
        docker.refuse_no_rights()
        raise ClusterError(
            "No container engine answers, so nothing was removed: start Docker and run this again."
        )


def clean() -> None:
    """Remove the cluster, the images and everything that was built; stop an engine of ours.

    Raises ClusterError, with the rest left as it is, where the cluster cannot be removed.
    """
    down()
    if docker.answers():
        _remove_images()
    if docker.is_ours():
        # On somebody's own engine the cache holds other people's work too.
        run_logged("empty the build cache", ["docker", "builder", "prune", "--all", "--force"])
        docker.stop()
        print("the container engine that `make up` started is stopped")
    shutil.rmtree(STATE, ignore_errors=True)


def _remove_images() -> None:
    """Remove the images made here: by name too, as images made from them inherit the label."""
    references = [f"--filter=reference={name}" for name in OURS]
    labelled = f"--filter=label={image_builder.INPUTS_LABEL}"
    form = "--format={{.Repository}}:{{.Tag}}"
    names = output(["docker", "images", form, labelled, *references])
    if names:
        run_logged("remove the images", ["docker", "rmi", "--force", *names.splitlines()])
    run_logged("remove unnamed images", ["docker", "image", "prune", "--force", labelled])
