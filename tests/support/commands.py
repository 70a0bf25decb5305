"""Runs the programs that tests call."""

import subprocess
from pathlib import Path

APPLY = ("kubectl", "apply", "--server-side", "--force-conflicts")


def run(
    *command: str,
    timeout_seconds: float = 300,
    folder: Path | None = None,
    stdin: str | None = None,
) -> str:
    """Returns the output of a program; raises AssertionError with all of it if it fails."""
    done = subprocess.run(
        command,
        capture_output=True,
        text=True,
        check=False,
        timeout=timeout_seconds,
        cwd=folder,
        input=stdin,
    )
    output = f"{' '.join(command)}\n{done.stdout}{done.stderr}"
    assert done.returncode == 0, f"exit {done.returncode} of {output}"
    return done.stdout
