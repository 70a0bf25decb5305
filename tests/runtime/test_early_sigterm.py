"""SIGTERM ends the process at every moment of its start, also as PID 1."""

import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryFile

import pytest

from tests.support.app_sources import APP, THREAD
from tests.support.pid_1 import Started, running
from tests.support.serving import environment
from tests.support.waiting import wait_until

SECONDS = 5  # the runtime needs one; other processes may use the cores here
HANG = "import os, pathlib, time; pathlib.Path(os.environ['REACHED']).touch(); time.sleep(600)\n"
LIFESPAN = """
import asyncio, os, pathlib, time
async def app(scope, receive, send):
    if scope["type"] == "lifespan":
        pathlib.Path(os.environ["REACHED"]).touch()
        {hang}
"""
# Blocks at the first line of the log, which the runtime writes between the import and uvicorn.
BLOCKING_LOG = f"""
import logging
class Block(logging.Handler):
    def emit(self, record):
        {HANG}
logging.getLogger().addHandler(Block())
"""
# What hangs at which moment, as (module that is imported, its source).
MOMENTS = {
    "the import of uvicorn": ("uvicorn", HANG),
    "the import of the app": ("own_app", HANG),
    "an import that keeps a thread": ("own_app", THREAD + HANG),
    "an import that catches everything": (
        "own_app",
        f"while True:\n    try:\n        {HANG}    except BaseException: pass\n",
    ),
    "after the import": ("own_app", APP + BLOCKING_LOG),
    "the app's factory": ("own_app", f"def app():\n    {HANG}"),
    "the lifespan startup": ("own_app", LIFESPAN.format(hang="await asyncio.sleep(600)")),
    "a lifespan startup that blocks the loop": (
        "own_app",
        LIFESPAN.format(hang="time.sleep(600)"),
    ),
    "a lifespan startup in a thread": (
        "own_app",
        LIFESPAN.format(hang="await asyncio.to_thread(time.sleep, 600)"),
    ),
}


@contextmanager
def _hanging(folder: Path, moment: str, module: str, *, is_pid_1: bool) -> Iterator[Started]:
    """Runs a server until its start hangs at the moment."""
    name, source = MOMENTS[moment]
    (folder / f"{name}.py").write_text(source)
    reached = folder / "reached"
    variables = environment(REACHED=str(reached))
    variables["PYTHONPATH"] = f"{folder}:{variables['PYTHONPATH']}"
    options = ["--forwarded-allow-ips=*", "--port=0"]
    options += ["--management-port=0"] if module == "uvicorn_pod" else []
    command = [sys.executable, "-m", module, "own_app:app", *options]
    with (
        TemporaryFile() as output,
        running(command, variables, output, is_pid_1=is_pid_1) as started,
    ):
        wait_until(reached.exists, 20, f"the start reaches {moment}", interval_seconds=0.02)
        yield started


@pytest.mark.parametrize("is_pid_1", [False, True], ids=["a process", "PID 1"])
@pytest.mark.parametrize("moment", MOMENTS)
def test_sigterm_ends_the_process_during(tmp_path: Path, moment: str, is_pid_1: bool) -> None:
    with _hanging(tmp_path, moment, "uvicorn_pod", is_pid_1=is_pid_1) as started:
        started.terminate()
        assert started.wait(SECONDS) == 128 + signal.SIGTERM


@pytest.mark.quiet
def test_sigterm_ends_a_start_within_two_seconds(tmp_path: Path) -> None:
    moment = "an import that keeps a thread"
    with _hanging(tmp_path, moment, "uvicorn_pod", is_pid_1=True) as started:
        started.terminate()
        assert started.wait(2) == 128 + signal.SIGTERM


def test_sigterm_ends_an_app_that_has_started_with_code_0_as_pid_1() -> None:
    """uvicorn raises the signal again after its shutdown, which does not end PID 1."""
    with TemporaryFile() as output:
        command = [sys.executable, "-m", "uvicorn_pod", "tests.runtime.apps:plain"]
        options = ["--management-port=0", "--port=0", "--drain-seconds=0"]
        with running([*command, *options], environment(), output, is_pid_1=True) as started:

            def log() -> bytes:
                output.seek(0)
                return output.read()

            wait_until(lambda: b"Uvicorn running" in log(), 20, "the app has started")
            started.terminate()
            assert started.wait(SECONDS) == 0, log().decode()


def test_plain_uvicorn_as_pid_1_ignores_sigterm_during_the_import(tmp_path: Path) -> None:
    moment = "the import of the app"
    with _hanging(tmp_path, moment, "uvicorn", is_pid_1=True) as started:
        started.terminate()
        with pytest.raises(TimeoutError):
            wait_until(lambda: started.has_ended, 3, "SIGTERM ends the process")
