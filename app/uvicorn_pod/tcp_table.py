"""Connections of this network namespace, as Linux lists them in /proc/net (proc_net_tcp.rst)."""

from collections.abc import Collection
from contextlib import suppress
from pathlib import Path

IPV4, IPV6 = Path("/proc/net/tcp"), Path("/proc/net/tcp6")
_ESTABLISHED = "01"
_NOT_ACCEPTED = "0"  # the inode of a connection that no process has yet


def count_waiting(ports: Collection[int]) -> int | None:
    """Returns how many connections to these local ports wait to be accepted; None if unknown.

    A connection that its client has closed, or half closed, is not counted.
    """
    with suppress(OSError):
        waiting = _count_in(IPV4, ports)
        with suppress(FileNotFoundError):  # a kernel without IPv6
            waiting += _count_in(IPV6, ports)
        return waiting
    return None


def _count_in(file: Path, ports: Collection[int]) -> int:
    with file.open() as rows:
        next(rows, None)  # the titles of the columns
        return sum(_is_waiting(row.split(), ports) for row in rows)


def _is_waiting(row: list[str], ports: Collection[int]) -> bool:
    local, state, inode = row[1], row[3], row[9]
    if state != _ESTABLISHED or inode != _NOT_ACCEPTED:
        return False
    return int(local.rpartition(":")[2], base=16) in ports
