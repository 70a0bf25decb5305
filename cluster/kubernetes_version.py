"""The Kubernetes version: `make up KUBERNETES=1.36` pulls kind's node image for that version."""

import os

from cluster.common.errors import ClusterError
from cluster.common.versions import kubernetes

KIND = "v0.33.0"
"""The kind release whose notes list these images. kind supports no others."""

IMAGES = {
    "1.34": "kindest/node:v1.34.11@sha256:"
    "44e222ee2132dab25ff87301682f89eb82c7880ea3a1bf543bfe9708fd08d67d",
    "1.35": "kindest/node:v1.35.8@sha256:"
    "07b2536e30b803ed61d1677a79df6115f798ce64c80f9e22f6ed45afd09323c0",
    "1.36": "kindest/node:v1.36.4@sha256:"
    "099e049362a1526b2db71494e1947aae99bd16290d7c895f2b7ea312e3cbfaed",
    "1.37": "kindest/node:v1.37.0@sha256:"
    "a1ed56cfb0e7b93589bdf97c8cd566405a265939e3620fc4f5de89adff580ae5",
}


def requested_image() -> str | None:
    """Return the node image for KUBERNETES; None if KUBERNETES is not set."""
    return IMAGES.get(os.environ.get("KUBERNETES", ""))


def require_valid_setting() -> None:
    """Raise ClusterError if KUBERNETES has no node image, or is set together with OFFLINE=1."""
    version = os.environ.get("KUBERNETES", "")
    if version and version not in IMAGES:
        raise ClusterError(
            f"KUBERNETES is {version!r}: set it to one of {', '.join(IMAGES)}, or leave it out."
        )
    if version and os.environ.get("OFFLINE") == "1":
        require_requested_version(is_offline=True, running=None)


def require_requested_version(*, is_offline: bool, running: str | None) -> None:
    """Raise ClusterError if KUBERNETES is not available offline, or not what the cluster runs.

    `running` is the node image of the running cluster, None if no cluster runs.
    """
    image = requested_image()
    if image is None:
        return
    version = os.environ["KUBERNETES"]
    if is_offline:
        raise ClusterError(
            f"KUBERNETES is {version}, but without an image registry only {kubernetes()} can be "
            "built: leave KUBERNETES out, or make a registry reachable."
        )
    digest = image.rpartition("@")[2]
    if running is not None and digest not in running:
        raise ClusterError(
            f"KUBERNETES is {version}, but the running cluster was created from {running}: "
            "run `make down`, then run this again."
        )
