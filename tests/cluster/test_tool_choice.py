"""Tools on PATH are used if their version fits; a missing tool is reported by name."""

from collections.abc import Callable
from pathlib import Path

import pytest

from cluster.common.errors import ClusterError
from cluster.programs import tool_choice
from cluster.programs.go_module import GoModule

Put = Callable[[str, str], Path]


@pytest.fixture
def put(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Put:
    """`put(name, version)` puts a program that prints this version on an otherwise empty PATH."""
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(tool_choice, "LINKS", tmp_path / "links")

    def _put(name: str, version: str) -> Path:
        program = tmp_path / name
        program.write_text(f"#!/bin/sh\necho '{version}'\n")
        program.chmod(0o755)
        return program

    return _put


@pytest.mark.parametrize(
    ("name", "version"),
    [("helm3", "v3.19.0"), ("promtool", "promtool, version 3.16.0 (branch: x)")],
)
def test_a_tool_on_path_is_used_when_it_is_new_enough(put: Put, name: str, version: str) -> None:
    program = put(name, version)
    tool_choice.provide([name])
    assert Path(tool_choice.path(name)).readlink() == program, (
        f"{tool_choice.path(name)}: not {program}"
    )


def test_helm_on_path_is_used_for_its_major_version(put: Put) -> None:
    program = put("helm", "v3.19.0")
    tool_choice.provide(["helm", "helm3"])
    for name in ("helm", "helm3"):
        assert Path(tool_choice.path(name)).readlink() == program, f"{name}: not {program}"


def test_helm_4_is_compiled_once_for_both_of_its_names() -> None:
    *compiling, _ = tool_choice.steps(["helm", "helm4"], is_offline=True)
    assert [step.title for step in compiling] == ["compile helm"], f"{compiling}"


@pytest.mark.parametrize(("name", "version"), [("helm3", "v3.17.9"), ("helm4", "v3.19.0")])
def test_a_tool_on_path_is_named_as_missing_when_its_version_does_not_fit(
    put: Put, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, name: str, version: str
) -> None:
    put(name, version)
    monkeypatch.setattr(tool_choice, "_compiled", lambda _: tmp_path / "none")
    monkeypatch.setattr(GoModule, "are_built", lambda *_: False)
    with pytest.raises(ClusterError, match=f"Go is not installed: .* recent versions of {name} on"):
        tool_choice.provide([name])
