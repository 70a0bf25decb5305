"""`make env`: what a shell needs to use the cluster."""

import shlex

from cluster import kind
from cluster.common.paths import KUBECONFIG, LINKS
from cluster.release.names import APP_URL
from cluster.tools import tool_choice


def show() -> None:
    """Print what `eval` needs; without a running cluster, a command that fails with one sentence.

    `eval "$(…)"` hides the exit code of what it evaluates, so the failure has to be evaluated too.
    """
    if not (tool_choice.are_there() and kind.is_healthy()):
        print("echo 'error: no cluster runs: run `make up` first.' >&2; false")
        return
    print(f"export KUBECONFIG={shlex.quote(str(KUBECONFIG))}")
    print(f"export APP_URL={APP_URL}")
    print(f'export PATH={shlex.quote(str(LINKS))}:"$PATH"')
