"""The commands of the README do what it says: each `sh` block is run as it stands."""

import os
import re
import subprocess

import pytest

from tests.support.repository import ROOT

README = (ROOT / "README.md").read_text()
BLOCKS = re.findall(r"^```sh\n(.*?)^```$", README, re.MULTILINE | re.DOTALL)
# These tests are part of it: it would never end.
ITSELF = re.compile(r"^make test\b.*$", re.MULTILINE)


def test_readme_has_commands() -> None:
    assert len(BLOCKS) >= 2, f"README.md: {len(BLOCKS)} blocks of commands"
    assert "make up" in BLOCKS[0], f"README.md opens with {BLOCKS[0]!r}"
    assert ITSELF.search(BLOCKS[0]), f"README.md opens with {BLOCKS[0]!r}"
    asking = [block for block in BLOCKS if "Accept-Encoding: gzip" in block]
    assert len(asking) == 1, f"README.md: {len(asking)} blocks ask for gzip, wanted one"


@pytest.mark.parametrize("block", BLOCKS, ids=lambda block: block.split()[0])
def test_readme_commands_work(block: str) -> None:
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", ITSELF.sub("", block)],
        capture_output=True,
        text=True,
        check=False,
        cwd=ROOT,
        timeout=300,
        # As a person has it: without what the tests themselves were given.
        env={k: v for k, v in os.environ.items() if k not in ("KUBECONFIG", "APP_URL")},
    )
    assert done.returncode == 0, f"exit {done.returncode}: {done.stdout}{done.stderr}"
    if "Accept-Encoding: gzip" in block:
        assert "content-encoding: gzip" in done.stdout.lower(), done.stdout
