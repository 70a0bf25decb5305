"""The commands of the README work as they stand: each `sh` block is run.

`make up` and `make test` are left out: test_make_up.py proves the first, this run the second.
"""

import os
import re
import subprocess

import pytest

from tests.support.repository import ROOT

BLOCKS = re.findall(
    r"^```sh\n(.*?)^```$", (ROOT / "README.md").read_text(), re.MULTILINE | re.DOTALL
)
PROVEN_ELSEWHERE = re.compile(r"^make (?:up|test)\b.*$", re.MULTILINE)
COMMANDS = [left for block in BLOCKS if (left := PROVEN_ELSEWHERE.sub("", block).strip())]


def test_readme_opens_with_make_up_and_make_test() -> None:
    first = BLOCKS[0] if BLOCKS else ""
    for command in ("make up", "make test"):
        assert command in first, f"README.md opens with {first!r}, without {command}"


def test_readme_asks_for_gzip_once() -> None:
    asking = [block for block in BLOCKS if "Accept-Encoding: gzip" in block]
    assert len(asking) == 1, f"README.md: {len(asking)} blocks ask for gzip, wanted one"


@pytest.mark.parametrize("commands", COMMANDS, ids=lambda commands: commands.split()[0])
def test_readme_commands_work(commands: str) -> None:
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", commands],
        capture_output=True,
        text=True,
        check=False,
        cwd=ROOT,
        timeout=300,
        # The environment of a person, without what the tests themselves were given.
        env={k: v for k, v in os.environ.items() if k not in ("KUBECONFIG", "APP_URL")},
    )
    assert done.returncode == 0, f"exit {done.returncode}: {done.stdout}{done.stderr}"
    if "Accept-Encoding: gzip" in commands:
        assert "content-encoding: gzip" in done.stdout.lower(), done.stdout
