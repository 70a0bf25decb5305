"""The versions of everything, read from the one place that pins each: a go.mod."""

import re
from functools import cache
from pathlib import Path

from cluster.common.errors import ClusterError
from cluster.common.paths import OFFLINE

BASE_IMAGE = "debian:trixie-slim"
"""What every image here is built on; the Dockerfile's default is the same."""

BASE_SUITE = "trixie"


@cache
def module_version(module: str, folder: Path = OFFLINE) -> str:
    """Version of a Go module as a folder's go.mod pins it, for example `v1.37.2`."""
    text = (folder / "go.mod").read_text()
    match = re.search(rf"^\s*(?:require )?{re.escape(module)} (v\S+)", text, re.MULTILINE)
    if match is None:
        raise ClusterError(f"{folder / 'go.mod'} does not require {module}: add it there.")
    return match.group(1)


def kubernetes() -> str:
    """Version of Kubernetes in the node image built offline."""
    return module_version("k8s.io/kubernetes")
