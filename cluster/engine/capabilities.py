"""Run Docker on build hosts whose root lacks a Linux capability.

On such a host Docker cannot give a privileged container all capabilities, so it cannot start one.
A small OCI runtime in front of runc removes the capabilities that the host does not grant.
"""

import re
import sys
from pathlib import Path

from cluster.common.paths import STATE

CAP_SYS_RESOURCE = 24
LAST_KNOWN = Path("/proc/sys/kernel/cap_last_cap")
WRAPPER = STATE / "runc-within-bounds"


def bounding_set() -> int:
    """Return the capabilities that a process on this host can have, as a bit mask."""
    status = Path("/proc/self/status").read_text()
    match = re.search(r"^CapBnd:\s*([0-9a-f]+)$", status, re.MULTILINE)
    return int(match.group(1), 16) if match else 0


def is_any_missing() -> bool:
    """Whether the kernel knows a capability that this host does not grant."""
    if not LAST_KNOWN.exists():
        return False
    every = (1 << (int(LAST_KNOWN.read_text()) + 1)) - 1
    return bounding_set() & every != every


def can_lower_oom_score() -> bool:
    """Whether a container can be given a lower OOM score than its parent's."""
    return not LAST_KNOWN.exists() or bool(bounding_set() >> CAP_SYS_RESOURCE & 1)


def engine_options() -> list[str]:
    """Return the options of `dockerd` that put the wrapper in front of runc, if it is needed."""
    if not is_any_missing():
        return []
    source = Path(__file__).with_name("runc_within_bounds.py").read_text()
    WRAPPER.parent.mkdir(parents=True, exist_ok=True)
    # -I and -S skip user site and .pth files, because this starts for each container and probe.
    interpreter = Path(sys.executable).resolve()
    WRAPPER.write_text(f"#!{interpreter} -IS\n{source}")
    WRAPPER.chmod(0o755)
    return ["--add-runtime", f"bounded={WRAPPER}", "--default-runtime", "bounded"]
