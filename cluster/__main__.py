"""Command line of the package: `python3 -m cluster up | env | down | clean | tools [NAME …]`."""

import argparse
import sys

import cluster
from cluster import environment, remove, up
from cluster.common import command, lock
from cluster.common.steps import TIMES
from cluster.tools import tool_choice

CHANGING = {"up": up.up, "down": remove.down, "clean": remove.clean}
"""Commands that change what others may be changing, so that they take the lock."""


def main() -> int:
    """Run one command; see command.run for the exit code."""
    parser = argparse.ArgumentParser(prog="python3 -m cluster", description=cluster.__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("up", help="the cluster, the images and the release: what is missing")
    commands.add_parser("env", help="print what a shell needs to use the cluster")
    commands.add_parser("down", help="remove the cluster and nothing else")
    commands.add_parser("clean", help="remove the cluster, the images and everything built")
    tools = commands.add_parser("tools", help="link these tools, or all")
    tools.add_argument("names", nargs="*", metavar="NAME", help=", ".join(tool_choice.TOOLS))
    return command.run(lambda: _perform(parser.parse_args()))


def _perform(asked: argparse.Namespace) -> None:
    if asked.command == "env":
        environment.show()
        return
    if asked.command == "up":
        up.refuse_wrong_settings()
    with lock.exclusive():
        if asked.command == "tools":
            tool_choice.provide(asked.names)
        else:
            CHANGING[asked.command]()
    TIMES.print_table()


if __name__ == "__main__":
    sys.exit(main())
