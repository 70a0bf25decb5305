"""Run a command so that a problem the user can fix ends in one sentence, not in a traceback."""

import sys
from collections.abc import Callable

from cluster.common.errors import ClusterError

INTERRUPTED = 130
"""Exit code after Ctrl-C, as in a shell: 128 + SIGINT."""


def run(action: Callable[[], None]) -> int:
    """Run the action and return 0, 1 after a sentence on standard error, or INTERRUPTED."""
    try:
        action()
    except ClusterError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    except PermissionError as error:
        print(
            f"error: This user may not write {error.filename}: "
            "run this as the user who owns it, or remove it.",
            file=sys.stderr,
        )
        return 1
    except KeyboardInterrupt:
        print("\ninterrupted: run it again to continue where it stopped.", file=sys.stderr)
        return INTERRUPTED
    return 0
