"""Remove the cluster (`make down`), or also everything that was built (`make clean`)."""

import shutil

from cluster import kind
from cluster.common.errors import ClusterError
from cluster.common.paths import STATE
from cluster.common.process import output, run_logged
from cluster.common.versions import BASE_IMAGE
from cluster.engine import docker, image_builder
from cluster.offline import network_isolation

COMPONENT_IMAGES = (
    "registry.k8s.io/*", "registry.k8s.io/*/*", "ghcr.io/kedacore/*", "quay.io/prometheus*/*",
    "traefik",
)  # fmt: skip
BUILT_IMAGES = ("uvicorn-pod/*", "ghcr.io/uvicorn-pod/*", *COMPONENT_IMAGES, BASE_IMAGE)


def down() -> None:
    """Remove the cluster, and one that an interrupted `make scale-test` left, and nothing else.

    Raises ClusterError if Docker is installed but does not answer: it may hold a cluster.
    """
    if docker.answers():
        kind.delete(kind.SCALE)
        remove_cluster()
    elif shutil.which("docker") is not None:
        docker.require_access()
        raise ClusterError(
            "Docker does not answer, so nothing was removed: start Docker and run this again."
        )


def remove_cluster() -> None:
    """Remove the cluster and, if it was offline, its network."""
    kind.delete()
    network_isolation.remove_network()


def clean() -> None:
    """Remove the cluster, the images and everything that was built.

    Stops Docker if `make up` started it. Raises ClusterError if the cluster cannot be removed;
    the rest then stays.
    """
    down()
    if docker.answers():
        _remove_images()
    if docker.is_ours():
        # Another engine's build cache may belong to other projects too.
        run_logged("empty the build cache", ["docker", "builder", "prune", "--all", "--force"])
        docker.stop()
        print("stopped the Docker engine that `make up` had started")
    shutil.rmtree(STATE, ignore_errors=True)


def _remove_images() -> None:
    """Remove the images built here, by label and name: images built on them inherit the label."""
    references = [f"--filter=reference={name}" for name in BUILT_IMAGES]
    labelled = f"--filter=label={image_builder.INPUTS_LABEL}"
    form = "--format={{.Repository}}:{{.Tag}}"
    names = output(["docker", "images", form, labelled, *references])
    if names:
        run_logged("remove the images", ["docker", "rmi", "--force", *names.splitlines()])
    run_logged("remove unnamed images", ["docker", "image", "prune", "--force", labelled])
