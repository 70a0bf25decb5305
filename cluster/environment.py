"""`make env`: shell commands that make the cluster usable in a shell."""

import shlex

from cluster import kind
from cluster.common.paths import KUBECONFIG, LINKS
from cluster.programs import tool_choice
from cluster.release.names import APP_URL


def show() -> None:
    """Print shell commands for `eval`. Without a healthy cluster, print a command that fails.

    `eval "$(…)"` ignores the exit code of this program, so the printed command must fail itself.
    """
    if not (tool_choice.are_linked() and kind.is_healthy()):
        print("echo 'error: the cluster is not running: run `make up` first.' >&2; false")
        return
    print(f"export KUBECONFIG={shlex.quote(str(KUBECONFIG))}")
    print(f"export APP_URL={APP_URL}")
    print(f'export PATH={shlex.quote(str(LINKS))}:"$PATH"')
