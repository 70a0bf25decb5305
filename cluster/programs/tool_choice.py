"""Choose each tool from PATH or compile it, and link all of them in one directory."""

import os
import re
import shutil
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from cluster.common.errors import ClusterError
from cluster.common.paths import BUILDS, LINKS
from cluster.common.process import output
from cluster.common.steps import Step, perform
from cluster.programs import kubernetes_programs, testing_programs
from cluster.programs.go_module import GoModule, require_go

Version = tuple[int, int]
NO_LIMIT = (10**9, 0)


@dataclass(frozen=True)
class Tool:
    """A tool that is taken from PATH if its version fits, and compiled otherwise."""

    oldest: Version
    version_arguments: tuple[str, ...] = ("--version",)
    """Arguments that make the tool print its version."""
    too_new: Version = NO_LIMIT
    """First version that does not fit."""
    names_on_path: tuple[str, ...] = ()
    """Names to look for on PATH. Default: only the tool's own name."""
    program: str = ""
    """Program to compile. Default: the tool's own name."""


HELM_VERSION = ("version", "--template", "{{.Version}}")

TOOLS = {
    "kind": Tool((0, 33), ("version", "-q")),
    "helm": Tool((3, 18), HELM_VERSION),
    "kubectl": Tool((1, 32), ("version", "--client")),
    "ct": Tool((3, 12), ("version",)),
    "helm3": Tool((3, 18), HELM_VERSION, too_new=(4, 0), names_on_path=("helm3", "helm")),
    "helm4": Tool((4, 0), HELM_VERSION, names_on_path=("helm4", "helm"), program="helm"),
    "promtool": Tool((3, 16)),
    "registry": Tool((3, 0)),
    "helm-docs": Tool((1, 14)),
    "actionlint": Tool((1, 7)),
}
"""Every tool that a command of this package or a test may call."""

FOR_THE_CLUSTER = ("kind", "helm", "kubectl")
"""Tools that `make up` needs. The others are only for the tests."""


def path(name: str) -> str:
    """Return the path of a tool's link."""
    return str(LINKS / name)


def are_linked(names: Iterable[str] = FOR_THE_CLUSTER) -> bool:
    """Whether these tools are linked, so that they can be run."""
    return all((LINKS / name).exists() for name in names)


def steps(names: Iterable[str], *, is_offline: bool) -> list[Step]:
    """Return the steps that compile and link these tools.

    Offline every tool is compiled, in the version that go.mod pins. Otherwise a tool on PATH that
    is new enough is linked, and only the others are compiled.
    """
    found = {} if is_offline else {name: _on_path(name) for name in names}
    missing = [name for name in names if not found.get(name)]
    _require_go_for(missing, is_offline=is_offline)
    targets = {name: found.get(name) or _compiled(name) for name in names}
    # helm and helm4 may be the same program, which is compiled once.
    modules = {_program(name): _module(name) for name in missing}
    return [
        *(step for program, module in modules.items() for step in module.steps([program])),
        Step("link the tools", lambda: _have_targets(targets), lambda: _link(targets)),
    ]


def require_known(names: Iterable[str]) -> None:
    """Raise ClusterError for a name that is not in TOOLS."""
    unknown = [name for name in names if name not in TOOLS]
    if unknown:
        raise ClusterError(f"Unknown tool {', '.join(unknown)}: choose from {', '.join(TOOLS)}.")


def provide(names: Iterable[str] = ()) -> None:
    """Link these tools, or all, unless they are linked already. Prefers the ones on PATH.

    A compiled tool is compiled again if its pinned version has changed. Raises ClusterError if a
    tool is neither on PATH nor can be compiled.
    """
    wanted = list(names) or list(TOOLS)
    missing = [name for name in wanted if not _is_current(name)]
    if missing:
        perform(steps(missing, is_offline=False))


def _is_current(name: str) -> bool:
    target = (LINKS / name).resolve()
    is_compiled_here = target.is_relative_to(BUILDS.resolve())
    return target.exists() and (not is_compiled_here or target == _compiled(name).resolve())


def _program(name: str) -> str:
    return TOOLS[name].program or name


def _module(name: str) -> GoModule:
    modules = (kubernetes_programs.MODULE, testing_programs.MODULE)
    return next(module for module in modules if _program(name) in module.programs)


def _compiled(name: str) -> Path:
    return _module(name).directory / _program(name)


def _require_go_for(names: Iterable[str], *, is_offline: bool) -> None:
    """Raise ClusterError if one of these is not compiled yet and Go is missing or too old."""
    uncompiled = [name for name in names if not _module(name).are_built([_program(name)])]
    if uncompiled and is_offline:
        require_go(kubernetes_programs.WITHOUT_GO)
    elif uncompiled:
        require_go(f"put recent versions of {', '.join(uncompiled)} on PATH")


def _on_path(name: str) -> Path | None:
    # After `eval "$(make -s env)"` the links come first on PATH. They must not link to themselves.
    others = [part for part in os.environ["PATH"].split(os.pathsep) if Path(part) != LINKS]
    for called in TOOLS[name].names_on_path or (name,):
        found = shutil.which(called, path=os.pathsep.join(others))
        if found is not None and _has_fitting_version(found, TOOLS[name]):
            return Path(found)
    return None


def _has_fitting_version(program: str, tool: Tool) -> bool:
    printed = output([program, *tool.version_arguments]) or ""
    match = re.search(r"v?(\d+)\.(\d+)", printed)
    return match is not None and tool.oldest <= (int(match[1]), int(match[2])) < tool.too_new


def _have_targets(targets: dict[str, Path]) -> bool:
    """Whether each link points to its target, and the target exists."""
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
