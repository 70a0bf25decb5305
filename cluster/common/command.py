"""Run a command so that whatever a person can mend ends in one sentence, never a traceback."""

import sys
from collections.abc import Callable

from cluster.common.errors import ClusterError

INTERRUPTED = 130
"""Exit code of a program that Ctrl-C ended, as shells have it: 128 + SIGINT."""


def run(action: Callable[[], None]) -> int:
    """Exit code of the action: 0, or 1 after a sentence on standard error, or INTERRUPTED."""
    try:
        action()
    except ClusterError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    except PermissionError as error:
        owner = "it belongs to another user: become that user, or remove it"
        print(f"error: {error.filename} cannot be written, {owner}.", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\ninterrupted: run it again to go on where it stopped.", file=sys.stderr)
        return INTERRUPTED
    return 0
