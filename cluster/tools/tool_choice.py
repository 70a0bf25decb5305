"""The tools in use: kind, helm, kubectl and those of the tests, as links in one directory."""

import os
import re
import shutil
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from cluster.common.errors import ClusterError
from cluster.common.go_build import Module, refuse_missing_go
from cluster.common.paths import BUILDS, LINKS
from cluster.common.process import output
from cluster.common.steps import Step, perform
from cluster.offline import kubernetes_programs
from cluster.tools.test_tools import test_programs

Version = tuple[int, int]
NONE_TOO_NEW = (10**9, 0)


@dataclass(frozen=True)
class Tool:
    """A tool that is taken from PATH, or else compiled."""

    oldest: Version
    ask: tuple[str, ...] = ("--version",)
    """Arguments that make it say its version."""
    too_new: Version = NONE_TOO_NEW
    names: tuple[str, ...] = ()
    """What it may be called on PATH, where that is not its own name alone."""
    program: str = ""
    """What is compiled for it, where that has another name."""


HELM_VERSION = ("version", "--template", "{{.Version}}")

TOOLS = {
    "kind": Tool((0, 33), ("version", "-q")),
    "helm": Tool((3, 18), HELM_VERSION),
    "kubectl": Tool((1, 32), ("version", "--client")),
    "ct": Tool((3, 12), ("version",)),
    "helm3": Tool((3, 18), HELM_VERSION, too_new=(4, 0), names=("helm3", "helm")),
    "helm4": Tool((4, 0), HELM_VERSION, names=("helm4", "helm"), program="helm"),
    "promtool": Tool((3, 16)),
    "registry": Tool((3, 0)),
    "helm-docs": Tool((1, 14)),
    "actionlint": Tool((1, 7)),
}
"""What any command here, or any test, may call."""

FOR_THE_CLUSTER = ("kind", "helm", "kubectl")
"""Those that `make up` needs; the others are for the tests alone."""


def path(name: str) -> str:
    """The tool in use."""
    return str(LINKS / name)


def steps(names: Iterable[str], *, is_offline: bool) -> list[Step]:
    """What is missing for these tools to be linked.

    Offline they are compiled with the rest, in the versions that go.mod pins. Else those on PATH
    that are new enough are taken, and only the others are compiled.
    """
    found = {} if is_offline else {name: _on_path(name) for name in names}
    missing = [name for name in names if not found.get(name)]
    _refuse_where_hopeless(missing, is_offline=is_offline)
    targets = {name: found.get(name) or _compiled(name) for name in names}
    # Two tools may be one program.
    programs_due = {_program(name): name for name in missing}
    return [
        *(step for name in programs_due.values() for step in _module(name).steps(_package(name))),
        Step("link the tools", lambda: _are_linked(targets), lambda: _link(targets)),
    ]


def are_there(names: Iterable[str] = FOR_THE_CLUSTER) -> bool:
    """Whether these can be run."""
    return all((LINKS / name).exists() for name in names)


def provide(names: Iterable[str] = ()) -> None:
    """Link what is not linked yet of these, or of all, taking what is on PATH first.

    What was compiled from other versions than those pinned now is compiled anew. Raises
    ClusterError for a name that is no tool, and where one can be had in no way.
    """
    asked = list(names) or list(TOOLS)
    unknown = [name for name in asked if name not in TOOLS]
    if unknown:
        raise ClusterError(f"There is no tool {', '.join(unknown)}: choose of {', '.join(TOOLS)}.")
    missing = [name for name in asked if not _is_current(name)]
    if missing:
        perform(steps(missing, is_offline=False))


def _is_current(name: str) -> bool:
    target = (LINKS / name).resolve()
    is_ours = target.is_relative_to(BUILDS.resolve())
    return target.exists() and (not is_ours or target == _compiled(name).resolve())


def _program(name: str) -> str:
    return TOOLS[name].program or name


def _module(name: str) -> Module:
    return (
        kubernetes_programs.module()
        if _program(name) in kubernetes_programs.CLIENTS
        else test_programs.module()
    )


def _package(name: str) -> dict[str, str]:
    program = _program(name)
    return {program: (kubernetes_programs.CLIENTS | test_programs.PROGRAMS)[program]}


def _compiled(name: str) -> Path:
    return _module(name).directory() / _program(name)


def _refuse_where_hopeless(names: Iterable[str], *, is_offline: bool) -> None:
    absent = [name for name in names if not _module(name).are_built(_package(name))]
    if absent and is_offline:
        refuse_missing_go(kubernetes_programs.WITHOUT_GO)
    elif absent:
        refuse_missing_go(f"put recent versions of {', '.join(absent)} on PATH")


def _on_path(name: str) -> Path | None:
    # After `eval "$(make -s env)"` the links come first on PATH; what they point to is meant.
    others = [part for part in os.environ["PATH"].split(os.pathsep) if Path(part) != LINKS]
    for called in TOOLS[name].names or (name,):
        found = shutil.which(called, path=os.pathsep.join(others))
        if found is not None and _is_fit(found, TOOLS[name]):
            return Path(found)
    return None


def _is_fit(found: str, tool: Tool) -> bool:
    said = output([found, *tool.ask]) or ""
    match = re.search(r"v?(\d+)\.(\d+)", said)
    return match is not None and tool.oldest <= (int(match[1]), int(match[2])) < tool.too_new


def _are_linked(targets: dict[str, Path]) -> bool:
    return all(
        (LINKS / name).is_symlink() and (LINKS / name).readlink() == target and target.exists()
        for name, target in targets.items()
    )


def _link(targets: dict[str, Path]) -> None:
    LINKS.mkdir(parents=True, exist_ok=True)
    for name, target in targets.items():
        link = LINKS / name
        link.unlink(missing_ok=True)
        link.symlink_to(target)
