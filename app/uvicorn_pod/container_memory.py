"""The memory of this container and its limit, as the kernel's cgroup tells them.

The page cache does not count, because the kernel drops it before it kills a process. This is less
than the working set that the kubelet shows: that contains the files that were read twice.
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

    _limit: Path
    _current: Path
    _stat: Path
    _cache_keys: frozenset[str]

    @classmethod
    def find(cls, root: Path = CGROUP) -> Self | None:
        """The memory of the cgroup at `root`; None if it has no limit or is not known."""
        v1 = root / "memory"
        for limit, current, stat, prefix in (
            (root / "memory.max", root / "memory.current", root / "memory.stat", ""),
            (
                v1 / "memory.limit_in_bytes",
                v1 / "memory.usage_in_bytes",
                v1 / "memory.stat",
                "total_",
            ),
        ):
            keys = frozenset({f"{prefix}inactive_file", f"{prefix}active_file"})
            memory = cls(limit, current, stat, keys)
            try:
                return None if memory._limit_bytes() is None else memory
            except OSError:
                continue
        return None

    def used_percent(self) -> float:
        """The used memory in per cent of the limit, which may change; 0 without a limit.

        Raises OSError if the files are gone.
        """
        limit = self._limit_bytes()
        if limit is None:
            return 0
        used = int(self._current.read_text())
        for line in self._stat.read_text().splitlines():
            key, _, value = line.partition(" ")
            if key in self._cache_keys:
                used -= int(value)
        return 100 * max(0, used) / limit

    def _limit_bytes(self) -> int | None:
        value = self._limit.read_text().strip()
        return None if value == "max" or int(value) >= _UNLIMITED else int(value)
