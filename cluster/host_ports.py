"""The ports on loopback that the cluster takes, as kind.yaml lists them."""

import re
import socket
from pathlib import Path

from cluster.common.errors import ClusterError
from cluster.common.paths import CLUSTER

CONFIG = CLUSTER / "kind.yaml"


def ports(config: Path | None = None) -> list[int]:
    """Return the ports that a configuration of kind lists, by default kind.yaml."""
    return [int(port) for port in re.findall(r"hostPort: (\d+)", (config or CONFIG).read_text())]


def require_free_ports() -> None:
    """Raise ClusterError with the port if another process listens on one that is needed."""
    needed = ports()
    for port in needed:
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError as error:
                raise ClusterError(
                    f"Port {port} on 127.0.0.1 is in use, and the cluster needs "
                    f"{needed[0]} to {needed[-1]}: stop the process that listens "
                    f"there (`ss -ltnp 'sport = :{port}'` shows it) and run this again."
                ) from error
