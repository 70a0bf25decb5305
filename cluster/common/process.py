"""Run programs with their output in a log, and report a failure in one sentence."""

import os
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import IO

from cluster.common.errors import ClusterError, reason_of_failure
from cluster.common.paths import LOGS


def output(
    command: Sequence[str], *, timeout_seconds: float = 60, stdin: str | None = None
) -> str | None:
    """Return a command's stripped standard output; None if it fails, is missing or times out."""
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
    """Run a command. Its output goes to a log file that is named after `what`.

    `env` is added to the environment. Raises ClusterError if the command fails, with the most
    telling line of the output and the path of the log.
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
            raise ClusterError(
                f"{what} failed: cannot run {command[0]} ({error.strerror}): install it."
            ) from error
    if done.returncode != 0:
        reason = reason_of_failure(log.read_text(errors="replace"))
        raise ClusterError(
            f"{what} failed (exit {done.returncode}): {reason}\n"
            f"  The whole output is in {log}. Run the same command again to continue here."
        )


def _stdin(text: str | None, source: IO[bytes] | None) -> dict[str, object]:
    if text is not None:
        return {"input": text, "text": True}
    return {"stdin": source if source is not None else subprocess.DEVNULL}
