"""The commands of docs/quickstart.md work as they stand, and answer what the page shows.

One shell runs them in the order of the page. A block that begins with the name of a file becomes
that file, and a block without a language is the answer to the commands above it.
"""

import json
import re
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from tests.e2e.page_commands import environment_of_a_person, namespace_of_a_page
from tests.support.commands import run
from tests.support.repository import ROOT

PAGE = ROOT / "docs" / "quickstart.md"
BLOCK = re.compile(
    r"^```(\w*)\n(?:# (main\.py|Dockerfile|values\.yaml)\n)?(.*?)^```$", re.MULTILINE | re.DOTALL
)
NAMESPACE = "quickstart"
SECONDS = 900
END = "--- the end of a block ---"
# If a command fails, nothing that runs in the background is left.
TRAP = "trap 'kill $(jobs -p) 2>/dev/null || true' EXIT\n"


@dataclass
class Step:
    """A block of commands, the answer that the page shows, and what they printed."""

    commands: str
    shown: str = ""
    said: str = ""


def page() -> tuple[str, list[Step]]:
    """Returns everything that the page does, as one script, and its blocks of commands."""
    script = TRAP
    steps: list[Step] = []
    for language, file, text in BLOCK.findall(PAGE.read_text()):
        if file:
            assert steps, f"{file}: the page has to leave the checkout first"
            script += f"cat > {file} <<'END'\n{text}END\n"
        elif language == "sh":
            steps.append(Step(text))
            script += f"{text}printf '\\n{END}\\n'\n"
        else:
            assert not language, f"a block of {language} without the name of a file: {text}"
            steps[-1].shown = text
    return script, steps


@pytest.fixture(scope="module")
def namespace(request: pytest.FixtureRequest) -> Iterator[str]:
    """The page's namespace. The page itself makes and removes it."""
    with namespace_of_a_page(request, NAMESPACE) as name:
        yield name


@pytest.fixture(scope="module")
def steps(namespace: str, tmp_path_factory: pytest.TempPathFactory) -> list[Step]:
    """The blocks of commands, once all have run."""
    script, steps = page()
    assert f"--namespace {namespace} --create-namespace" in script, script
    done = subprocess.run(
        ["timeout", str(SECONDS), "bash", "-euo", "pipefail", "-c", script],
        capture_output=True,
        text=True,
        check=False,
        cwd=ROOT,
        env=environment_of_a_person() | {"TMPDIR": str(tmp_path_factory.mktemp("quickstart"))},
    )
    assert done.returncode == 0, f"exit {done.returncode}: {done.stdout}{done.stderr}"
    *said, rest = done.stdout.split(END)
    assert (len(said), rest) == (len(steps), "\n"), f"the shell printed {done.stdout}"
    for step, text in zip(steps, said, strict=True):
        step.said = text
    return steps


def step(steps: list[Step], command: str) -> Step:
    """The only block that contains a command."""
    (found,) = (step for step in steps if command in step.commands)
    return found


def test_the_app_answers_as_shown(steps: list[Step]) -> None:
    first = step(steps, "helm upgrade --install")
    assert first.shown.startswith("{"), f"the page shows {first.shown!r}"
    assert first.shown.strip() in first.said.splitlines(), first.said


def test_the_rollout_loses_no_request(steps: list[Step]) -> None:
    rollout = step(steps, "uniq -c")
    shown, said = (
        re.findall(r"^ *\d+ (.*)$", text, re.MULTILINE) for text in (rollout.shown, rollout.said)
    )
    assert len(shown) == 2, f"the page shows {shown}, wanted answers of the old and the new pods"
    assert sorted(said) == sorted(shown), rollout.said


def test_as_many_pods_run_as_shown(steps: list[Step]) -> None:
    listed = step(steps, "get pods")
    shown, said = (
        re.findall(r"^hello-uvicorn-\S+ +1/1 +Running ", text, re.MULTILINE)
        for text in (listed.shown, listed.said)
    )
    assert len(said) == len(shown) == 3, listed.said


def test_a_request_is_logged_with_the_fields_that_are_shown(steps: list[Step]) -> None:
    logs = step(steps, " logs ")

    def request(text: str) -> dict[str, Any]:
        lines = [json.loads(line) for line in text.splitlines() if line]
        found: dict[str, Any] = next((line for line in lines if "path" in line), {})
        return found

    shown, said = request(logs.shown), request(logs.said)
    assert list(said) == list(shown), logs.said
    for field in ("logger", "method", "path", "status", "bytes"):
        assert said[field] == shown[field], logs.said


def test_the_page_removes_what_it_has_made(steps: list[Step]) -> None:
    assert "delete namespace" in steps[-1].commands, steps[-1].commands
    namespaces = run("kubectl", "get", "namespaces", "--output=name").split()
    assert f"namespace/{NAMESPACE}" not in namespaces, namespaces
    images = run("docker", "images", "--quiet", "hello")
    assert not images.strip(), f"Docker still has the images {images}"
