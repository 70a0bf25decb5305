"""Build images with the engine's BuildKit, and look at those it holds."""

import os
from functools import cache
from pathlib import Path

from cluster.common.errors import ClusterError
from cluster.common.process import output, run_logged

INPUTS_LABEL = "uvicorn-pod.inputs"
"""On every image made here: the digest of what it was made from, where that is looked at."""


@cache
def build_command() -> tuple[str, ...]:
    """The command that builds with BuildKit and leaves the image in the engine.

    A client from 23.0 on needs the buildx plugin for that and falls back to a builder that knows
    no build secrets; the older ones have BuildKit built in.
    """
    for client in ("docker", "/usr/bin/docker"):
        if output([client, "buildx", "version"]):
            # An attestation would make the image a list of images, which not every node can load.
            return (client, "buildx", "build", "--load", "--provenance=false")
        version = output([client, "version", "--format", "{{.Client.Version}}"])
        if version and int(version.split(".")[0]) < 23:
            return (client, "build")
    raise ClusterError(
        "No docker client here can build with BuildKit: install Docker's buildx plugin."
    )


def build(what: str, arguments: list[str], *, is_offline: bool) -> None:
    """Build an image; the private CA, where one is set, is there as a secret called `ca`.

    Offline the build uses the host's network: what there is to reach may be set up for it alone.
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
    """Value of an image's label; empty where the image or the label is not there."""
    form = f'{{{{index .Config.Labels "{label}"}}}}'
    value = output(["docker", "image", "inspect", "--format", form, image])
    return value if value and value != "<no value>" else ""


def image_id(image: str) -> str | None:
    """The engine's id of an image, which changes with its content; None where it is not there."""
    return output(["docker", "image", "inspect", "--format", "{{.Id}}", image])
