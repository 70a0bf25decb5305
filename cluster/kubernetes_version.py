"""Kubernetes in another version than the default: `make up KUBERNETES=1.36`, from a registry."""

import os

from cluster.common.errors import ClusterError
from cluster.common.versions import kubernetes

KIND = "v0.33.0"
"""The release of kind whose notes name these images; it promises to work with no others."""

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


def asked() -> str | None:
    """The image for the version in KUBERNETES; None where none is asked for."""
    return IMAGES.get(os.environ.get("KUBERNETES", ""))


def refuse_wrong_setting() -> None:
    """Raise ClusterError for a version that there is no image of, or none without a registry."""
    version = os.environ.get("KUBERNETES", "")
    if version and version not in IMAGES:
        raise ClusterError(
            f"KUBERNETES is {version!r}: set it to one of {', '.join(IMAGES)}, or not at all."
        )
    if version and os.environ.get("OFFLINE") == "1":
        refuse_what_differs(is_offline=True, running=None)


def refuse_what_differs(*, is_offline: bool, running: str | None) -> None:
    """Raise ClusterError where the version asked for cannot be had, or is not what runs.

    `running` is the image that the running cluster was made from, if there is one.
    """
    image = asked()
    if image is None:
        return
    version = os.environ["KUBERNETES"]
    if is_offline:
        raise ClusterError(
            f"KUBERNETES is {version}, but without an image registry Kubernetes is built from "
            f"packages, in {kubernetes()} alone: leave KUBERNETES out, or reach a registry."
        )
    digest = image.rpartition("@")[2]
    if running is not None and digest not in running:
        raise ClusterError(
            f"KUBERNETES is {version}, but the cluster that runs was made from {running}: "
            "`make down`, then run this again."
        )
