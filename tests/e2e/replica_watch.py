"""The number of pods that a Deployment is told to run, as a watch sees it: none is missed."""

import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from tests.e2e.release import FULL_NAME, Release
from tests.support.waiting import wait_until

SECONDS = 15


def wanted_pods(release: Release) -> int:
    live = release.live("deployment", FULL_NAME)
    assert live is not None, f"Deployment/{FULL_NAME} is not there"
    return int(live["spec"]["replicas"])


@contextmanager
def replicas_told(release: Release) -> Iterator[list[int]]:
    """Every number of replicas that the Deployment has in the block; complete once it has ended."""
    command = [
        "kubectl", f"--namespace={release.namespace}", "get", "deployment", FULL_NAME, "--watch",
        '--output=jsonpath={.metadata.resourceVersion} {.spec.replicas}{"\\n"}',
    ]  # fmt: skip
    versions: list[str] = []
    told: list[int] = []
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as watch:

        def read() -> None:
            for line in watch.stdout or ():
                version, number = line.split()
                told.append(int(number))
                versions.append(version)

        thread = threading.Thread(target=read, daemon=True)
        thread.start()
        try:
            wait_until(lambda: versions, SECONDS, f"a watch on {release.namespace}")
            yield told
            live = release.live("deployment", FULL_NAME) or {}
            last = live["metadata"]["resourceVersion"]
            wait_until(lambda: last in versions, SECONDS, f"the watch on {release.namespace}")
        finally:
            watch.terminate()
            thread.join(timeout=SECONDS)
