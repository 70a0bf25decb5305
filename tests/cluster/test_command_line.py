"""`python3 -m cluster` reports a wrong setting at once, even while another command runs."""

import fcntl
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.repository import ROOT

ANSWER_SECONDS = 30
NOWHERE = "unix:///nowhere/docker.sock"


@pytest.fixture
def locked(tmp_path: Path) -> Iterator[dict[str, str]]:
    """Environment with a dedicated state directory, whose lock the test holds."""
    lock = tmp_path / "uvicorn-pod" / "lock"
    lock.parent.mkdir()
    settings = ("OFFLINE", "KUBERNETES", "KEDA", "VALUES", "DOCKER_HOST")
    inherited = {name: value for name, value in os.environ.items() if name not in settings}
    with lock.open("w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield {**inherited, "XDG_CACHE_HOME": str(tmp_path)}


@pytest.mark.parametrize(
    ("command", "env", "message"),
    [
        ("up", {"OFFLINE": "yes"}, "OFFLINE is 'yes': set it to 1 or 0, or leave it out."),
        ("up", {"KUBERNETES": "1.29"}, "KUBERNETES is '1.29': set it to one of 1.34, "),
        (
            "up",
            {"KUBERNETES": "1.36", "OFFLINE": "1"},
            "KUBERNETES is 1.36, but without an image registry only v1.",
        ),
        ("up", {"KEDA": "yes"}, "KEDA is 'yes': set it to 1 or 0, or leave it out."),
        ("up", {"VALUES": "no-such.yaml"}, "VALUES names no-such.yaml, which does not exist: corr"),
        ("up", {"DOCKER_HOST": NOWHERE}, f"No engine answers at DOCKER_HOST={NOWHERE}: start it"),
        ("tools helm5", {}, "Unknown tool helm5: choose from kind, helm, "),
    ],
    ids=["OFFLINE", "KUBERNETES", "KUBERNETES-offline", "KEDA", "VALUES", "DOCKER_HOST", "tools"],
)
def test_a_wrong_setting_is_reported_while_another_command_holds_the_lock(
    locked: dict[str, str], command: str, env: dict[str, str], message: str
) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "cluster", *command.split()],
        capture_output=True,
        text=True,
        check=False,
        cwd=ROOT,
        env={**locked, **env},
        timeout=ANSWER_SECONDS,
    )
    assert done.returncode == 1, f"exit {done.returncode}: {done.stderr}"
    assert done.stderr.startswith(f"error: {message}"), done.stderr
    assert done.stderr.count("\n") == 1, f"wanted one line: {done.stderr}"
    assert done.stdout == "", f"it did not fail at once: {done.stdout}"


def test_a_command_without_mistakes_waits_for_the_lock(locked: dict[str, str]) -> None:
    """The control: the lock of the tests above is held."""
    command = [sys.executable, "-m", "cluster", "tools", "kind"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT, env=locked) as one:
        try:
            printed = one.stdout.readline() if one.stdout else ""
        finally:
            one.kill()
    assert printed == "waiting for another command that is changing the cluster …\n"
