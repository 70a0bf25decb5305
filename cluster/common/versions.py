"""Versions of the base image and, read from the go.mod files, of all that is compiled."""

import re
from functools import cache
from pathlib import Path

from cluster.common.errors import ClusterError
from cluster.common.paths import KUBERNETES_MODULE

BASE_IMAGE = "debian:trixie-slim"
"""Base of every image built here. The Dockerfile has the same default."""

BASE_SUITE = "trixie"


@cache
def module_version(module: str, folder: Path = KUBERNETES_MODULE) -> str:
    """Return the version of a Go module that the folder's go.mod pins, for example `v1.37.2`."""
    text = (folder / "go.mod").read_text()
    match = re.search(rf"^\s*(?:require )?{re.escape(module)} (v\S+)", text, re.MULTILINE)
    if match is None:
        raise ClusterError(f"{folder / 'go.mod'} does not require {module}: add it there.")
    return match.group(1)


def kubernetes() -> str:
    """Return the version of Kubernetes in the node image that is built offline."""
    return module_version("k8s.io/kubernetes")
