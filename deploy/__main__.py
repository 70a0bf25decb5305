"""Command line of the package: `python3 -m deploy up | env`."""

import argparse
import shlex
import sys

from cluster import command, kind, lock, tools, up
from cluster.paths import KUBECONFIG, LINKS
from cluster.plan import TIMES, Step, perform

from . import image, release, report
from .names import APP_URL
from .names import image as image_name


def main() -> int:
    """Run one command; see command.run for the exit code."""
    parser = argparse.ArgumentParser(prog="python3 -m deploy", description=__doc__)
    parser.add_argument("command", choices=["up", "env"])
    asked = parser.parse_args().command
    return command.run(show_environment if asked == "env" else make_up)


def make_up() -> None:
    """The main job, and the report of it."""
    with lock.exclusive():
        bring_up()
    report.show()
    TIMES.print_table()


def bring_up() -> None:
    """Cluster, image, release: whatever is missing, and nothing else."""
    release.values_files()
    up.up()
    perform(image.steps())
    reference = image_name("reference")
    load = Step(
        "load the image into the cluster",
        lambda: kind.holds_image(reference),
        lambda: kind.load_image(reference),
    )
    perform([load, *release.steps()])


def show_environment() -> None:
    """Print what `eval` needs; where no cluster runs, a command that fails with one sentence.

    `eval "$(…)"` hides the exit code of what it evaluates, so the failure has to be evaluated too.
    """
    if not (tools.are_there() and kind.is_healthy()):
        print("echo 'error: no cluster runs: run `make up` first.' >&2; false")
        return
    print(f"export KUBECONFIG={shlex.quote(str(KUBECONFIG))}")
    print(f"export APP_URL={APP_URL}")
    print(f'export PATH={shlex.quote(str(LINKS))}:"$PATH"')


if __name__ == "__main__":
    sys.exit(main())
