"""Command line of the package: `python3 -m cluster up | down | clean | tools`."""

import argparse
import sys

from . import clean, lock, tools, up
from .errors import ClusterError
from .plan import TIMES

COMMANDS = {"up": up.up, "down": clean.down, "clean": clean.clean, "tools": tools.provide}


def main() -> int:
    """Run one command; 1 after one sentence on standard error where it cannot be done."""
    parser = argparse.ArgumentParser(prog="python3 -m cluster", description=__doc__)
    parser.add_argument("command", choices=COMMANDS)
    command = parser.parse_args().command
    try:
        with lock.exclusive():
            COMMANDS[command]()
        TIMES.print_table()
    except ClusterError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
