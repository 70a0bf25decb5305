"""Build images with BuildKit, and look up the images that Docker has."""

import os
from functools import cache
from pathlib import Path

from cluster.common.errors import ClusterError
from cluster.common.process import output, run_logged

INPUTS_LABEL = "uvicorn-pod.inputs"
"""Label of every image built here. Its value is a digest of the inputs, or empty if not needed."""


@cache
def build_command() -> tuple[str, ...]:
    """Return the command that builds with BuildKit and stores the image in Docker.

    Clients before 23.0 have BuildKit built in. Newer ones need the buildx plugin: without it they
    fall back to a builder without build secrets. Raises ClusterError if no client can do it.
    """
    for client in ("docker", "/usr/bin/docker"):
        if output([client, "buildx", "version"]):
            # An attestation would turn the image into an index, which not every node can load.
            return (client, "buildx", "build", "--load", "--provenance=false")
        version = output([client, "version", "--format", "{{.Client.Version}}"])
        if version and int(version.split(".")[0]) < 23:
            return (client, "build")
    raise ClusterError(
        "The docker client on this host cannot build with BuildKit: install Docker's buildx plugin."
    )


def build(what: str, arguments: list[str], *, is_offline: bool) -> None:
    """Build an image with `docker build` arguments. `what` names the build in logs and errors.

    A private CA in SSL_CERT_FILE is available to the build as the secret `ca`. Offline the build
    uses the host's network, because package mirrors may be reachable only from the host.
    """
    ca = os.environ.get("SSL_CERT_FILE")
    secret = [f"--secret=id=ca,src={ca}"] if ca and Path(ca).is_file() else []
    network = ["--network=host"] if is_offline else []
    run_logged(
        what,
        [*build_command(), "--progress=plain", *network, *secret, *arguments],
        env={"DOCKER_BUILDKIT": "1"},
    )


def image_label(image: str, label: str) -> str:
    """Return the value of an image's label; empty if the image or the label does not exist."""
    form = f'{{{{index .Config.Labels "{label}"}}}}'
    value = output(["docker", "image", "inspect", "--format", form, image])
    return value if value and value != "<no value>" else ""


def image_id(image: str) -> str | None:
    """Return Docker's id of an image, which changes with its content; None if it does not exist."""
    return output(["docker", "image", "inspect", "--format", "{{.Id}}", image])
