"""Command line of the package: `python3 -m cluster up | down | clean | tools [NAME …]`."""

import argparse
import sys

from . import clean, command, lock, tools, up
from .plan import TIMES

COMMANDS = {"up": up.up, "down": clean.down, "clean": clean.clean}


def main() -> int:
    """Run one command; see command.run for the exit code."""
    parser = argparse.ArgumentParser(prog="python3 -m cluster", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    for name in COMMANDS:
        commands.add_parser(name)
    provide = commands.add_parser("tools", help="link these tools, or all")
    provide.add_argument("names", nargs="*", metavar="NAME", help=", ".join(tools.TOOLS))
    asked = parser.parse_args()

    def act() -> None:
        with lock.exclusive():
            if asked.command == "tools":
                tools.provide(asked.names)
            else:
                COMMANDS[asked.command]()
        TIMES.print_table()

    return command.run(act)


if __name__ == "__main__":
    sys.exit(main())
