"""Run programs: quietly, with a log, and with one sentence when they fail."""

import os
import re
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import IO

from cluster.common.errors import ClusterError
from cluster.common.paths import LOGS


def output(
    command: Sequence[str], *, timeout_seconds: float = 60, stdin: str | None = None
) -> str | None:
    """Standard output of a command, stripped; None if it fails, is missing or takes too long."""
    try:
        done = subprocess.run(
            command,
            capture_output=True,
            text=True,
            timeout=timeout_seconds,
            input=stdin,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    return done.stdout.strip() if done.returncode == 0 else None


def run_logged(
    what: str,
    command: Sequence[str],
    *,
    env: Mapping[str, str] | None = None,
    cwd: Path | None = None,
    stdin: str | None = None,
    stdin_from: IO[bytes] | None = None,
) -> None:
    """Run a command with its output in a log file of its own.

    Raises ClusterError with the last line of the output and the log's place when it fails.
    `env` is added to the environment.
    """
    LOGS.mkdir(parents=True, exist_ok=True)
    log = LOGS / f"{what.replace(' ', '-').replace('/', '-')}.log"
    with log.open("w") as sink:
        sink.write(f"$ {' '.join(command)}\n")
        sink.flush()
        try:
            done = subprocess.run(
                command,
                stdout=sink,
                stderr=subprocess.STDOUT,
                env={**os.environ, **(env or {})},
                cwd=cwd,
                check=False,
                **_stdin(stdin, stdin_from),  # type: ignore[call-overload]
            )
        except OSError as error:
            raise ClusterError(f"{what}: cannot run {command[0]}: {error.strerror}.") from error
    if done.returncode != 0:
        raise ClusterError(
            f"{what} failed (exit {done.returncode}): {_what_it_said(log)}\n"
            f"  The whole output is in {log}; the command can be run again."
        )


def _stdin(text: str | None, source: IO[bytes] | None) -> dict[str, object]:
    if text is not None:
        return {"input": text, "text": True}
    return {"stdin": source if source is not None else subprocess.DEVNULL}


def says_disk_is_full(text: str) -> bool:
    """Whether a program's output names a full disk, as the C library or as Go puts it."""
    return "no space left on device" in text.lower()


def _what_it_said(log: Path) -> str:
    lines = [line.strip() for line in log.read_text(errors="replace").splitlines()]
    said = [line for line in lines if line]
    full = next((line for line in said if says_disk_is_full(line)), None)
    if full is not None:
        return f"the disk is full ({full[:160]}); free space and run it again."
    bad = re.compile(r"\b(error|failed|fatal)\b", re.IGNORECASE)
    errors = [line for line in said[1:] if bad.search(line)]
    return (errors or said[1:] or ["it printed nothing."])[-1][:300]
