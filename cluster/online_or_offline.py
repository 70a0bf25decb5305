"""Online or offline: whether images are pulled from a registry or built from packages."""

import os

from cluster import kind
from cluster.common.errors import ClusterError
from cluster.common.process import output, run_logged
from cluster.common.versions import BASE_IMAGE

OFFLINE_NODE_IMAGES = "uvicorn-pod/node:"


def refuse_wrong_setting() -> None:
    """Raise ClusterError for a value of OFFLINE that says nothing."""
    asked = os.environ.get("OFFLINE", "")
    if asked not in ("", "0", "1"):
        raise ClusterError(f"OFFLINE is {asked!r}: set it to 1, to 0, or not at all.")


def is_offline() -> bool:
    """Whether images have to be built from packages.

    The way the running cluster was made decides; else OFFLINE=1 or OFFLINE=0; else whether the
    base image can be pulled from a registry, which is said in one line when it cannot.
    """
    made_from = running_node_image()
    if made_from is not None:
        return made_from.startswith(OFFLINE_NODE_IMAGES)
    asked = os.environ.get("OFFLINE", "")
    return asked == "1" if asked else not _can_pull()


def running_node_image() -> str | None:
    """What the running cluster's nodes were made from; None where no cluster runs."""
    if set(kind.node_states().values()) != {"running"}:
        return None
    form = "{{.Config.Image}}"
    return output(["docker", "container", "inspect", "--format", form, kind.node_names()[0]])


def _can_pull() -> bool:
    print(f"asking for {BASE_IMAGE} from its registry …", flush=True)
    try:
        run_logged("pull the base image", ["docker", "pull", BASE_IMAGE])
    except ClusterError as error:
        print(
            f"No image registry is reachable ({str(error).splitlines()[0]}): "
            "images are built from packages; OFFLINE=0 would insist on the registry.",
            flush=True,
        )
        return False
    return True
