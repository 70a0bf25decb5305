"""Starts a server as a person would, as a process on loopback, and talks to it without retries."""

import http.client
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from tempfile import TemporaryFile
from typing import IO

from tests.support.repository import ROOT
from tests.support.waiting import wait_until

START_SECONDS = 30
REFERENCE = "reference.main:app"


@dataclass
class Answer:
    """One HTTP answer; header names are in lower case."""

    status: int
    headers: dict[str, str]
    body: bytes


class Client:
    """One connection. It never retries and never reconnects: an error is a lost request."""

    def __init__(self, port: int, timeout_seconds: float = 10) -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=timeout_seconds)
        self._connection.connect()
        self._connection.auto_open = 0

    def send(self, path: str, **headers: str) -> None:
        """Sends a GET; the answer stays unread."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        self._connection.request("GET", path, headers=named)

    def receive(self) -> Answer:
        """Reads the answer to what was sent."""
        response = self._connection.getresponse()
        headers = {name.lower(): value for name, value in response.getheaders()}
        return Answer(response.status, headers, response.read())

    def get(self, path: str, **headers: str) -> Answer:
        """Sends a GET and reads its answer."""
        self.send(path, **headers)
        return self.receive()

    def close(self) -> None:
        """Closes the connection."""
        self._connection.close()

    def __enter__(self) -> "Client":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


@dataclass
class Served:
    """A running server."""

    process: subprocess.Popen[bytes]
    port: int
    management_port: int
    output: IO[bytes]

    def get(self, path: str) -> Answer:
        """Asks the app over a connection of its own."""
        with Client(self.port) as client:
            return client.get(path)

    def ask(self, path: str) -> Answer:
        """Asks the management port over a connection of its own."""
        with Client(self.management_port) as client:
            return client.get(path)

    def terminate(self) -> None:
        """Sends SIGTERM."""
        self.process.send_signal(signal.SIGTERM)

    def log(self) -> str:
        """Everything that the process wrote so far."""
        self.output.seek(0)
        return self.output.read().decode()


def free_port() -> int:
    """A port on 127.0.0.1 that nobody listens on now."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port


def environment(**variables: str) -> dict[str, str]:
    """This process's environment without settings of uvicorn, with the app's code importable."""
    inherited = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("UVICORN_", "GZIP_")) and name != "WEB_CONCURRENCY"
    }
    return {**inherited, "PYTHONPATH": f"{ROOT / 'app'}:{ROOT}", **variables}


def run_to_end(*arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """Runs `uvicorn-pod` until it ends by itself; raises TimeoutExpired if it does not."""
    command = [sys.executable, "-m", "uvicorn_pod", *arguments]
    return subprocess.run(
        command,
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
    """Runs `uvicorn-pod APP`, or another module's command line, until the block ends.

    Begins the block once the management port answers 200 to `until`; plain uvicorn, which has
    none, once its port is open. An empty `until` does not wait.
    """
    port, management_port = free_port(), free_port()
    command = [sys.executable, "-m", module, app, f"--port={port}"]
    if module == "uvicorn_pod":
        command.append(f"--management-port={management_port}")
    command.extend(options)
    with TemporaryFile() as output:
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
