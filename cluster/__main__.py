"""Command line of the package: `python3 -m cluster COMMAND`; `--help` lists the commands."""

import argparse
import sys

import cluster
from cluster import environment, remove, up
from cluster.common import command, lock
from cluster.common.steps import TIMES
from cluster.keda import installation as keda
from cluster.programs import tool_choice

LOCKED = {"up": up.up, "keda": keda.provide, "down": remove.down, "clean": remove.clean}
"""Commands that run one at a time, because they change what other commands use."""


def main() -> int:
    """Run one command and return its exit code; see command.run."""
    parser = argparse.ArgumentParser(prog="python3 -m cluster", description=cluster.__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("up", help="create what is missing: cluster, images, release")
    commands.add_parser("keda", help="install KEDA into the cluster, unless it is installed")
    commands.add_parser("env", help="print shell commands that make the cluster usable in a shell")
    commands.add_parser("down", help="remove the cluster and nothing else")
    commands.add_parser("clean", help="remove the cluster, the images and everything built")
    tools = commands.add_parser("tools", help="link the named tools, or all")
    tools.add_argument("names", nargs="*", metavar="NAME", help=", ".join(tool_choice.TOOLS))
    return command.run(lambda: _perform(parser.parse_args()))


def _perform(arguments: argparse.Namespace) -> None:
    if arguments.command == "env":
        environment.show()
        return
    # Mistakes are reported at once, not after waiting for the lock.
    if arguments.command == "up":
        up.require_valid_settings()
    elif arguments.command == "tools":
        tool_choice.require_known(arguments.names)
    with lock.exclusive():
        if arguments.command == "tools":
            tool_choice.provide(arguments.names)
        else:
            LOCKED[arguments.command]()
    TIMES.print_table()


if __name__ == "__main__":
    sys.exit(main())
