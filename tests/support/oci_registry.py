"""A real OCI registry, the CNCF's Distribution, on loopback for as long as it is needed."""

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
    """Yield its address, HOST:PORT, which it chooses itself; it keeps everything in memory."""
    configuration, log = folder / "registry.yaml", folder / "registry.log"
    configuration.write_text(CONFIGURATION)
    command = ["registry", "serve", str(configuration)]
    with (
        log.open("w") as sink,
        subprocess.Popen(command, stdout=sink, stderr=subprocess.STDOUT) as process,
    ):
        try:
            yield wait_until(lambda: _address(log.read_text()), START_SECONDS, "a registry")
        finally:
            process.terminate()


def _address(log: str) -> str:
    found = LISTENING.search(log)
    assert found is not None, f"it says {log[-300:]!r}"
    return found[1]
