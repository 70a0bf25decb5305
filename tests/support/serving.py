"""Starts a server as a user would, as a process on loopback."""

import os
import random
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from tempfile import TemporaryFile
from typing import IO

from tests.support.http_client import HOST, Answer, Client, get
from tests.support.repository import ROOT
from tests.support.waiting import wait_until

START_SECONDS = 30
PORTS = range(15_000, 30_000)
REFERENCE = "reference.main:app"


@dataclass
class Served:
    """A running server."""

    process: subprocess.Popen[bytes]
    port: int
    management_port: int
    output: IO[bytes]

    def get(self, path: str) -> Answer:
        """Sends a GET to the app on a fresh connection."""
        return get(self.port, path)

    def ask(self, path: str) -> Answer:
        """Sends a GET to the management port on a fresh connection."""
        return get(self.management_port, path)

    def terminate(self) -> None:
        """Sends SIGTERM."""
        self.process.send_signal(signal.SIGTERM)

    def log(self) -> str:
        """Returns everything that the process has written so far."""
        self.output.seek(0)
        return self.output.read().decode()


def free_port() -> int:
    """Returns a port on loopback that is not in use now.

    It is none of those that the kernel gives to connections, which other tests may open at once.
    """
    while True:
        port = random.choice(PORTS)
        with socket.socket() as listener, suppress(OSError):
            listener.bind((HOST, port))
            return port


def environment(**variables: str) -> dict[str, str]:
    """Returns this process's environment without uvicorn's settings; `app` can be imported."""
    inherited = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("UVICORN_", "GZIP_")) and name != "WEB_CONCURRENCY"
    }
    return {**inherited, "PYTHONPATH": f"{ROOT / 'app'}:{ROOT}", **variables}


def run_to_end(*arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """Runs `uvicorn-pod` until it exits; raises TimeoutExpired if it does not exit in time."""
    return run_python("-m", "uvicorn_pod", *arguments, **variables)


def run_python(*arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """Runs Python where `app` can be imported; raises TimeoutExpired as `run_to_end` does."""
    return subprocess.run(
        [sys.executable, *arguments],
        env=environment(**variables),
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=START_SECONDS,
        check=False,
    )


@contextmanager
def serving(
    app: str, *options: str, module: str = "uvicorn_pod", until: str = "/readyz", **variables: str
) -> Iterator[Served]:
    """Runs `uvicorn-pod APP`, or the command line of another module, until the block ends.

    The block begins once the management port answers `until` with 200. Plain uvicorn has no such
    port, so the block begins once its port is open. An empty `until` does not wait.
    """
    with (
        TemporaryFile() as output,
        serving_into(output, app, *options, module=module, until=until, **variables) as served,
    ):
        yield served


@contextmanager
def serving_into(
    output: IO[bytes], app: str, *options: str, module: str, until: str, **variables: str
) -> Iterator[Served]:
    """Does what `serving` does, and writes the logs to `output`."""
    port, management_port = free_port(), free_port()
    command = [sys.executable, "-m", module, app, f"--port={port}"]
    if module == "uvicorn_pod":
        command.append(f"--management-port={management_port}")
    command.extend(options)
    process = subprocess.Popen(
        command, env=environment(**variables), cwd=ROOT, stdout=output, stderr=output
    )
    served = Served(process, port, management_port, output)
    try:
        if until:
            is_up = _is_listening if module == "uvicorn" else _is_ok
            wait_until(lambda: is_up(served, until), START_SECONDS, f"{command} starts")
        yield served
    finally:
        process.kill()
        process.wait()


def _is_listening(served: Served, _until: str) -> bool:
    assert served.process.poll() is None, served.log()
    Client(served.port).close()
    return True


def _is_ok(served: Served, until: str) -> bool:
    assert served.process.poll() is None, served.log()
    return served.ask(until).status == 200
