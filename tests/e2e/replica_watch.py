"""Records each value of a Deployment's `spec.replicas` with a watch, which misses none."""

import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from tests.e2e.release import FULL_NAME, Release
from tests.support.waiting import wait_until

SECONDS = 15


def wanted_pods(release: Release) -> int:
    """Returns the current `spec.replicas` of the Deployment."""
    live = release.live("deployment", FULL_NAME)
    assert live is not None, f"Deployment/{FULL_NAME} does not exist"
    return int(live["spec"]["replicas"])


@contextmanager
def recorded_replicas(release: Release) -> Iterator[list[int]]:
    """Yields the list of all values during the block; complete after the block."""
    command = [
        "kubectl", f"--namespace={release.namespace}", "get", "deployment", FULL_NAME, "--watch",
        '--output=jsonpath={.metadata.resourceVersion} {.spec.replicas}{"\\n"}',
    ]  # fmt: skip
    versions: list[str] = []
    seen: list[int] = []
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as watch:

        def read() -> None:
            for line in watch.stdout or ():
                version, number = line.split()
                seen.append(int(number))
                versions.append(version)

        thread = threading.Thread(target=read, daemon=True)
        thread.start()
        try:
            wait_until(lambda: versions, SECONDS, f"a watch on {release.namespace}")
            yield seen
            live = release.live("deployment", FULL_NAME) or {}
            last = live["metadata"]["resourceVersion"]
            wait_until(
                lambda: last in versions, SECONDS, f"the end of the watch on {release.namespace}"
            )
        finally:
            watch.terminate()
            thread.join(timeout=SECONDS)
