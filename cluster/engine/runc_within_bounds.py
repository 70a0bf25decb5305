"""An OCI runtime: asks runc for no capability that this host cannot give, then becomes runc.

Installed by capabilities.py in front of Debian's runc. Source of the fields: OCI runtime
specification, `process.capabilities` in config.json, and the same in `runc exec --process FILE`.
"""

# Started for every container, probe and exec: pathlib alone would double its start-up time.
# ruff: noqa: PTH118, PTH123, SIM905

import json
import os
import sys

RUNC = "/usr/sbin/runc"

# Numbers as in linux/capability.h: the position is the bit.
NAMES = (
    "CHOWN DAC_OVERRIDE DAC_READ_SEARCH FOWNER FSETID KILL SETGID SETUID SETPCAP LINUX_IMMUTABLE "
    "NET_BIND_SERVICE NET_BROADCAST NET_ADMIN NET_RAW IPC_LOCK IPC_OWNER SYS_MODULE SYS_RAWIO "
    "SYS_CHROOT SYS_PTRACE SYS_PACCT SYS_ADMIN SYS_BOOT SYS_NICE SYS_RESOURCE SYS_TIME "
    "SYS_TTY_CONFIG MKNOD LEASE AUDIT_WRITE AUDIT_CONTROL SETFCAP MAC_OVERRIDE MAC_ADMIN SYSLOG "
    "WAKE_ALARM BLOCK_SUSPEND AUDIT_READ PERFMON BPF CHECKPOINT_RESTORE"
).split()


def granted() -> set[str]:
    """Names of the capabilities in this host's bounding set."""
    with open("/proc/self/status") as status:
        line = next(line for line in status if line.startswith("CapBnd:"))
    mask = int(line.split()[1], 16)
    return {f"CAP_{name}" for bit, name in enumerate(NAMES) if mask >> bit & 1}


def restrict(process: dict[str, dict[str, list[str]]]) -> None:
    """Remove what is not granted from each of a process's capability sets."""
    allowed = granted()
    sets = process.get("capabilities") or {}
    for name, wanted in sets.items():
        sets[name] = [capability for capability in wanted if capability in allowed]


def option(arguments: list[str], *names: str) -> str:
    """Value of a command line option, given as `--name value` or `--name=value`; or empty."""
    for position, argument in enumerate(arguments):
        key, equals, value = argument.partition("=")
        if key in names:
            return value if equals else arguments[position + 1]
    return ""


def main(arguments: list[str]) -> None:
    """Rewrite the file that runc is about to read, then run runc."""
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
    os.execv(RUNC, [RUNC, *arguments])  # noqa: S606 - a shell has no place here


if __name__ == "__main__":
    main(sys.argv[1:])
