"""Tools on PATH are taken where they will do; what is missing is said by name."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from cluster.common.errors import ClusterError
from cluster.common.go_build import Module
from cluster.tools import tool_choice
from tests.support.repository import ROOT

Put = Callable[[str, str], Path]


@pytest.fixture
def put(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Put:
    """`put(name, said)`: a program on a PATH of its own that says that version."""
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(tool_choice, "LINKS", tmp_path / "links")

    def _put(name: str, said: str) -> Path:
        program = tmp_path / name
        program.write_text(f"#!/bin/sh\necho '{said}'\n")
        program.chmod(0o755)
        return program

    return _put


@pytest.mark.parametrize(
    ("name", "said"), [("helm3", "v3.19.0"), ("promtool", "promtool, version 3.16.0 (branch: x)")]
)
def test_a_tool_on_path_that_is_new_enough_is_taken(put: Put, name: str, said: str) -> None:
    program = put(name, said)
    tool_choice.provide([name])
    assert Path(tool_choice.path(name)).readlink() == program, (
        f"{tool_choice.path(name)}: not {program}"
    )


def test_the_helm_on_path_is_taken_for_its_own_major_version(put: Put) -> None:
    program = put("helm", "v3.19.0")
    tool_choice.provide(["helm", "helm3"])
    for name in ("helm", "helm3"):
        assert Path(tool_choice.path(name)).readlink() == program, f"{name}: not {program}"


def test_helm_4_is_compiled_once_for_both_its_names() -> None:
    *compiling, _ = tool_choice.steps(["helm", "helm4"], is_offline=True)
    assert [step.title for step in compiling] == ["compile helm"], f"{compiling}"


@pytest.mark.parametrize(("name", "said"), [("helm3", "v3.17.9"), ("helm4", "v3.19.0")])
def test_a_tool_of_a_wrong_version_is_not_taken_and_is_said(
    put: Put, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, name: str, said: str
) -> None:
    put(name, said)
    monkeypatch.setattr(tool_choice, "_compiled", lambda _: tmp_path / "none")
    monkeypatch.setattr(Module, "are_built", lambda *_: False)
    with pytest.raises(ClusterError, match=f"Go is not installed: .* recent versions of {name} on"):
        tool_choice.provide([name])


def test_an_unknown_tool_is_said() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "cluster", "tools", "helm5"],
        capture_output=True, text=True, check=False, cwd=ROOT, env=os.environ,
    )  # fmt: skip
    said = done.stderr.strip()
    assert done.returncode == 1, f"exit {done.returncode}: {said}"
    assert said.startswith("error: There is no tool helm5: choose of kind, helm, "), said
