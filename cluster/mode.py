"""Online or offline: whether images are pulled from a registry or built from packages."""

import os

from . import kind
from .errors import ClusterError
from .process import output
from .versions import BASE_IMAGE

PULL_TIMEOUT_SECONDS = 300
OFFLINE_NODE_IMAGES = "uvicorn-pod/node"


def is_offline() -> bool:
    """Whether images have to be built from packages.

    OFFLINE=1 or OFFLINE=0 decide; else the way the running cluster was made; else whether the
    base image can be pulled from a registry, which is said in one line when it cannot.
    Raises ClusterError for any other value of OFFLINE.
    """
    asked = os.environ.get("OFFLINE", "")
    if asked not in ("", "0", "1"):
        raise ClusterError(f"OFFLINE is {asked!r}: set it to 1, to 0, or not at all.")
    if asked:
        return asked == "1"
    made_from = _running_node_image()
    if made_from is not None:
        return made_from.startswith(OFFLINE_NODE_IMAGES)
    return not _can_pull()


def _running_node_image() -> str | None:
    if set(kind.node_states().values()) != {"running"}:
        return None
    form = "{{.Config.Image}}"
    return output(["docker", "container", "inspect", "--format", form, kind.node_names()[0]])


def _can_pull() -> bool:
    pulled = output(["docker", "pull", BASE_IMAGE], timeout_seconds=PULL_TIMEOUT_SECONDS)
    if pulled is None:
        print(
            f"No image registry is reachable (docker pull {BASE_IMAGE} failed): "
            "images are built from packages; OFFLINE=0 would insist on the registry.",
            flush=True,
        )
    return pulled is not None
