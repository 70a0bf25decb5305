"""The commands of the README work as they stand: each `sh` block is run.

`make up` and `make test` are left out: test_make_up.py proves the first, this run the second.
"""

import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.page_commands import environment_of_a_person, namespace_of_a_page
from tests.support.commands import run
from tests.support.repository import ROOT

README = (ROOT / "README.md").read_text()
BLOCKS = re.findall(r"^```sh\n(.*?)^```$", README, re.MULTILINE | re.DOTALL)
PROVEN_ELSEWHERE = re.compile(r"^make (?:up|test)\b.*$", re.MULTILINE)
COMMANDS = [left for block in BLOCKS if (left := PROVEN_ELSEWHERE.sub("", block).strip())]
IMAGE = NAMESPACE = "my-app"


def printed_by(commands: str, temporary: Path) -> str:
    """What one block of commands prints, in the checkout and with a person's environment."""
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", commands],
        capture_output=True,
        text=True,
        check=False,
        cwd=ROOT,
        timeout=300,
        env=environment_of_a_person() | {"TMPDIR": str(temporary)},
    )
    assert done.returncode == 0, f"exit {done.returncode}: {done.stdout}{done.stderr}"
    return done.stdout


def the_block_with(text: str) -> str:
    (found,) = (block for block in COMMANDS if text in block)
    return found


@pytest.fixture(scope="module")
def namespace(request: pytest.FixtureRequest) -> Iterator[str]:
    """The namespace that the README's own app makes; it and the image are removed here."""
    with namespace_of_a_page(request, NAMESPACE) as name:
        yield name
    run("docker", "rmi", "--force", f"{IMAGE}:1.0.0")


def test_readme_opens_with_make_up_and_make_test() -> None:
    first = BLOCKS[0] if BLOCKS else ""
    for command in ("make up", "make test"):
        assert command in first, f"README.md opens with {first!r}, without {command}"


def test_readme_looks_around(tmp_path: Path) -> None:
    said = printed_by(the_block_with("Accept-Encoding: gzip"), tmp_path)
    assert "content-encoding: gzip" in said.lower(), said


def test_own_app_of_readme_answers_as_shown(namespace: str, tmp_path: Path) -> None:
    commands = the_block_with("main.py")
    assert f"--namespace {namespace} " in commands, commands
    shown = re.search(r"The answer is `(.*?)`", README)
    assert shown, "README.md does not say what its own app answers"
    said = printed_by(commands, tmp_path)
    assert said.endswith(shown[1]), f"README.md shows {shown[1]!r}; the app answered {said!r}"


def test_each_block_of_readme_is_run() -> None:
    tested = {the_block_with("Accept-Encoding: gzip"), the_block_with("main.py")}
    left = set(COMMANDS) - tested
    assert not left, f"README.md: no test runs {left}"
