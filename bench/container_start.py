"""One start in a container as a pod has it: read-only, and with a limit of its CPU."""

import json
import subprocess
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from bench.containers import output, started
from bench.cpu_time import cpu_seconds
from tests.support.http_client import get
from tests.support.serving import free_port
from tests.support.waiting import wait_until

START_SECONDS = 60
POLL_SECONDS = 0.01
IMPORT = "import {}, time; print(time.time(), flush=True); time.sleep(60)"
SERVE = ("reference.main:app", "--host=127.0.0.1")
NO_BYTECODE = "--env=PYTHONPYCACHEPREFIX=/none"


@dataclass(frozen=True)
class Start:
    """The seconds that one start took, from the start of the process to its end or first 200."""

    cpu: float
    wall: float


def importing(image: str, modules: str, cpus: float, options: Sequence[str] = ()) -> Start:
    """Starts Python, which imports modules, for example `fastapi, uvicorn`."""
    code = ["-c", IMPORT.format(modules)]
    limited = [f"--cpus={cpus}", "--entrypoint=python", *options]
    with started(image, code, limited) as container:
        follow = ["docker", "logs", "--follow", container]
        with subprocess.Popen(follow, stdout=subprocess.PIPE, text=True) as logs:
            ended = float(logs.stdout.readline()) if logs.stdout else 0
            start = _measured(container, ended)
            logs.kill()
    return start


def serving(image: str, command: str, cpus: float, options: Sequence[str] = ()) -> Start:
    """Starts `uvicorn-pod` or `uvicorn` with the reference app, until it answers with 200."""
    port = free_port()
    arguments = [*SERVE, f"--port={port}"]
    if command == "uvicorn":
        arguments += ["--loop=uvloop", "--http=httptools"]
    else:
        arguments.append(f"--management-port={free_port()}")

    def answers() -> bool:
        return get(port, "/").status == 200

    limited = [f"--cpus={cpus}", f"--entrypoint={command}", *options]
    with started(image, arguments, limited) as container:
        wait_until(answers, START_SECONDS, f"{command} answers", interval_seconds=POLL_SECONDS)
        return _measured(container, time.time())


def _measured(container: str, ended: float) -> Start:
    """Counts the CPU seconds of all threads, including the engine's setup of the process."""
    state = json.loads(output("docker", "inspect", "--format={{json .State}}", container))
    return Start(
        cpu_seconds(state["Pid"]), ended - datetime.fromisoformat(state["StartedAt"]).timestamp()
    )
