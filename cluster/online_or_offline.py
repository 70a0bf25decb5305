"""Online or offline: whether images are pulled from a registry or built from packages."""

import os

from cluster import kind
from cluster.common.errors import ClusterError
from cluster.common.process import output, run_logged
from cluster.common.versions import BASE_IMAGE
from cluster.offline import node_image


def require_valid_setting() -> None:
    """Raise ClusterError if OFFLINE is set to anything but 0 or 1."""
    setting = os.environ.get("OFFLINE", "")
    if setting not in ("", "0", "1"):
        raise ClusterError(f"OFFLINE is {setting!r}: set it to 1 or 0, or leave it out.")


def is_offline() -> bool:
    """Whether images are built from packages.

    A running cluster stays as it was created. Otherwise OFFLINE=1 or OFFLINE=0 decides. By default
    images are pulled if the base image can be; if not, one printed sentence says so.
    """
    running = running_node_image()
    if running is not None:
        return running.startswith(f"{node_image.REPOSITORY}:")
    setting = os.environ.get("OFFLINE", "")
    return setting == "1" if setting else not _can_pull()


def running_node_image() -> str | None:
    """Return the node image of the running cluster; None if no cluster runs."""
    if set(kind.node_states().values()) != {"running"}:
        return None
    form = "{{.Config.Image}}"
    return output(["docker", "container", "inspect", "--format", form, kind.node_names()[0]])


def _can_pull() -> bool:
    print(f"pulling {BASE_IMAGE} to see if its registry is reachable …", flush=True)
    try:
        run_logged("pull the base image", ["docker", "pull", BASE_IMAGE])
    except ClusterError as error:
        print(
            f"No image registry is reachable ({str(error).splitlines()[0]}): building the images "
            "from packages. Set OFFLINE=0 to require the registry.",
            flush=True,
        )
        return False
    return True
