"""The memory of this container and its limit, as the kernel's cgroup tells them.

The working set, as the kubelet counts it: without the page cache that the kernel can drop at once.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Self

CGROUP = Path("/sys/fs/cgroup")
# cgroup v1 says "no limit" by a number near 2^63.
_UNLIMITED = 1 << 60


@dataclass(frozen=True)
class ContainerMemory:
    """Reads the files of one cgroup version."""

    limit_bytes: int
    _current: Path
    _stat: Path
    _inactive_key: str

    @classmethod
    def find(cls, root: Path = CGROUP) -> Self | None:
        """The memory of the cgroup at `root`; None if it has no limit or is not known."""
        v1 = root / "memory"
        for limit, current, stat, key in (
            (root / "memory.max", root / "memory.current", root / "memory.stat", "inactive_file"),
            (
                v1 / "memory.limit_in_bytes",
                v1 / "memory.usage_in_bytes",
                v1 / "memory.stat",
                "total_inactive_file",
            ),
        ):
            try:
                value = limit.read_text().strip()
            except OSError:
                continue
            if value == "max" or int(value) >= _UNLIMITED:
                return None
            return cls(int(value), current, stat, key)
        return None

    def used_percent(self) -> float:
        """The working set in per cent of the limit. Raises OSError if the files are gone."""
        used = int(self._current.read_text())
        for line in self._stat.read_text().splitlines():
            key, _, value = line.partition(" ")
            if key == self._inactive_key:
                used -= int(value)
        return 100 * max(0, used) / self.limit_bytes
