"""An OCI runtime: removes the capabilities that this host does not grant, then becomes runc.

capabilities.py installs it in front of Debian's runc. The OCI runtime specification defines
`process.capabilities` in config.json. `runc exec --process FILE` reads the same fields.
"""

# This starts for every container, probe and exec. Importing pathlib would double its startup time.
# ruff: noqa: PTH118, PTH123, SIM905

import json
import os
import sys

RUNC = "/usr/sbin/runc"

# In the order of linux/capability.h: the position is the bit number.
NAMES = (
    "CHOWN DAC_OVERRIDE DAC_READ_SEARCH FOWNER FSETID KILL SETGID SETUID SETPCAP LINUX_IMMUTABLE "
    "NET_BIND_SERVICE NET_BROADCAST NET_ADMIN NET_RAW IPC_LOCK IPC_OWNER SYS_MODULE SYS_RAWIO "
    "SYS_CHROOT SYS_PTRACE SYS_PACCT SYS_ADMIN SYS_BOOT SYS_NICE SYS_RESOURCE SYS_TIME "
    "SYS_TTY_CONFIG MKNOD LEASE AUDIT_WRITE AUDIT_CONTROL SETFCAP MAC_OVERRIDE MAC_ADMIN SYSLOG "
    "WAKE_ALARM BLOCK_SUSPEND AUDIT_READ PERFMON BPF CHECKPOINT_RESTORE"
).split()


def granted() -> set[str]:
    """Return the names of the capabilities in this host's bounding set."""
    with open("/proc/self/status") as status:
        line = next(line for line in status if line.startswith("CapBnd:"))
    mask = int(line.split()[1], 16)
    return {f"CAP_{name}" for bit, name in enumerate(NAMES) if mask >> bit & 1}


def restrict(process: dict[str, dict[str, list[str]]]) -> None:
    """Remove the capabilities that are not granted from each of a process's sets."""
    allowed = granted()
    sets = process.get("capabilities") or {}
    for name, wanted in sets.items():
        sets[name] = [capability for capability in wanted if capability in allowed]


def option(arguments: list[str], *names: str) -> str:
    """Return the value of an option, given as `--name value` or `--name=value`; empty if absent."""
    for position, argument in enumerate(arguments):
        key, equals, value = argument.partition("=")
        if key in names:
            return value if equals else arguments[position + 1]
    return ""


def main(arguments: list[str]) -> None:
    """Rewrite the file that runc is about to read, then replace this process by runc."""
    path = ""
    if "create" in arguments or "run" in arguments:
        path = os.path.join(option(arguments, "--bundle", "-b") or ".", "config.json")
    elif "exec" in arguments:
        path = option(arguments, "--process", "-p")
    if path:
        with open(path) as file:
            config = json.load(file)
        restrict(config.get("process") or config)
        with open(path, "w") as file:
            json.dump(config, file)
    os.execv(RUNC, [RUNC, *arguments])  # noqa: S606 - needs no shell


if __name__ == "__main__":
    main(sys.argv[1:])
