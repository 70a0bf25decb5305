"""An OCI registry, the CNCF's Distribution, that runs on loopback during a test."""

import re
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.support.waiting import wait_until

CONFIGURATION = """\
version: 0.1
storage:
  inmemory: {}
http:
  addr: 127.0.0.1:0
"""
LISTENING = re.compile(r'msg="listening on (127\.0\.0\.1:\d+)"')
START_SECONDS = 20


@contextmanager
def running_registry(folder: Path) -> Iterator[str]:
    """Yields the address, HOST:PORT, of a registry that chooses its port and stores in memory."""
    configuration, log = folder / "registry.yaml", folder / "registry.log"
    configuration.write_text(CONFIGURATION)
    command = ["registry", "serve", str(configuration)]
    with (
        log.open("w") as sink,
        subprocess.Popen(command, stdout=sink, stderr=subprocess.STDOUT) as process,
    ):
        try:
            yield wait_until(
                lambda: _address(log.read_text()), START_SECONDS, "the start of the registry"
            )
        finally:
            process.terminate()


def _address(log: str) -> str:
    found = LISTENING.search(log)
    assert found is not None, f"the registry logs {log[-300:]!r}"
    return found[1]
