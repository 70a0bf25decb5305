"""Command line of the package: `python3 -m cluster up | down | clean | tools`."""

import argparse
import sys

from . import clean, command, lock, tools, up
from .plan import TIMES

COMMANDS = {"up": up.up, "down": clean.down, "clean": clean.clean, "tools": tools.provide}


def main() -> int:
    """Run one command; see command.run for the exit code."""
    parser = argparse.ArgumentParser(prog="python3 -m cluster", description=__doc__)
    parser.add_argument("command", choices=COMMANDS)
    chosen = COMMANDS[parser.parse_args().command]

    def act() -> None:
        with lock.exclusive():
            chosen()
        TIMES.print_table()

    return command.run(act)


if __name__ == "__main__":
    sys.exit(main())
