"""The tools in use: kind, helm, kubectl and ct, as links in one directory."""

import os
import re
import shutil
from collections.abc import Iterable
from pathlib import Path

from .offline import programs
from .paths import LINKS
from .plan import Step, perform
from .process import output

OLDEST = {"kind": (0, 30), "helm": (3, 18), "kubectl": (1, 32), "ct": (3, 12)}
"""The oldest versions that will do when they are found on PATH."""

FOR_THE_CLUSTER = ("kind", "helm", "kubectl")
"""Those that `make up` needs; ct is for the tests alone."""

ASK = {
    "kind": ["version", "-q"],
    "helm": ["version", "--template", "{{.Version}}"],
    "kubectl": ["version", "--client"],
    "ct": ["version"],
}


def path(name: str) -> str:
    """The tool in use."""
    return str(LINKS / name)


def steps(names: Iterable[str], *, is_offline: bool) -> list[Step]:
    """What is missing for these tools to be linked.

    Offline they are compiled with the rest, in the versions that go.mod pins. Else those on PATH
    that are new enough are taken, and only the others are compiled.
    """
    found = {} if is_offline else {name: _on_path(name) for name in names}
    missing = {name: programs.CLIENTS[name] for name in names if not found.get(name)}
    programs.refuse_where_hopeless(missing)
    targets = {name: found.get(name) or programs.directory() / name for name in names}
    return [
        *programs.steps(missing),
        Step("link the tools", lambda: _are_linked(targets), lambda: _link(targets)),
    ]


def are_there(names: Iterable[str] = FOR_THE_CLUSTER) -> bool:
    """Whether these can be run."""
    return all((LINKS / name).exists() for name in names)


def provide() -> None:
    """Link what is not linked yet of all four, taking what is on PATH first."""
    missing = [name for name in programs.CLIENTS if not are_there([name])]
    if missing:
        perform(steps(missing, is_offline=False))


def _on_path(name: str) -> Path | None:
    # After `eval "$(make -s env)"` the links come first on PATH; what they point to is meant.
    others = [part for part in os.environ["PATH"].split(os.pathsep) if Path(part) != LINKS]
    found = shutil.which(name, path=os.pathsep.join(others))
    if found is None:
        return None
    said = output([found, *ASK[name]]) or ""
    match = re.search(r"v?(\d+)\.(\d+)", said)
    if match is None or (int(match[1]), int(match[2])) < OLDEST[name]:
        return None
    return Path(found)


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
