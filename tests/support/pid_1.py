"""Runs a command as PID 1 of a namespace, where the kernel ignores signals without a handler."""

import os
import signal
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO

import pytest

from tests.support.repository import ROOT
from tests.support.waiting import wait_until

_UNSHARE = ["unshare", "--pid", "--fork", "--kill-child"]
_AS_USER = [*_UNSHARE, "--user", "--map-root-user"]


def unshare() -> list[str]:
    """The command that makes the namespace; skips the test where none is allowed."""
    for command in (_UNSHARE, _AS_USER):
        try:
            tried = subprocess.run([*command, "true"], capture_output=True, check=False)
        except FileNotFoundError:
            break
        if tried.returncode == 0:
            return command
    pytest.skip("this machine does not allow a PID namespace")


class Started:
    """A process that may be PID 1 of a namespace."""

    def __init__(self, process: subprocess.Popen[bytes], *, is_pid_1: bool) -> None:
        self._process = process
        self._pid = process.pid
        if is_pid_1:
            children = Path(f"/proc/{process.pid}/task/{process.pid}/children")
            self._pid = int(wait_until(children.read_text, 10, "unshare starts the command"))

    def terminate(self) -> None:
        """Sends SIGTERM."""
        os.kill(self._pid, signal.SIGTERM)

    @property
    def has_ended(self) -> bool:
        """Whether the process has ended."""
        return self._process.poll() is not None

    def wait(self, seconds: float) -> int:
        """The exit code; raises TimeoutExpired if the process does not end in time."""
        return self._process.wait(seconds)


@contextmanager
def running(
    command: Sequence[str], environment: Mapping[str, str], output: IO[bytes], *, is_pid_1: bool
) -> Iterator[Started]:
    """Runs the command until the block ends."""
    process = subprocess.Popen(
        [*(unshare() if is_pid_1 else []), *command],
        env=dict(environment),
        cwd=ROOT,
        stdout=output,
        stderr=output,
    )
    try:
        yield Started(process, is_pid_1=is_pid_1)
    finally:
        process.kill()
        process.wait()
