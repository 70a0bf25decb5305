"""Connections of this network namespace, as Linux lists them in /proc/net (proc_net_tcp.rst)."""

from collections.abc import Collection, Iterable, Iterator
from contextlib import suppress
from pathlib import Path

FILES = (Path("/proc/net/tcp"), Path("/proc/net/tcp6"))
_ESTABLISHED = "01"
_NOT_ACCEPTED = "0"  # the inode of a connection that no process has yet


def count_waiting(ports: Collection[int]) -> int | None:
    """Returns how many clients of these local ports wait to be accepted; None if no one can tell.

    A client that has closed its connection is not counted. Reading takes the kernel milliseconds.
    """
    with suppress(OSError):
        return sum(_is_waiting(row, ports) for row in _rows(FILES))
    return None


def _rows(files: Iterable[Path]) -> Iterator[list[str]]:
    for file in files:
        if file.exists():  # a kernel without IPv6 has no tcp6
            yield from (line.split() for line in file.read_text().splitlines()[1:])


def _is_waiting(row: list[str], ports: Collection[int]) -> bool:
    _, local, _, state, *_ = row
    inode = row[9]
    port = int(local.rpartition(":")[2], base=16)
    return state == _ESTABLISHED and inode == _NOT_ACCEPTED and port in ports
