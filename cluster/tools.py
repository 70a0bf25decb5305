"""The tools in use: kind, helm, kubectl and ct, as links in one directory."""

import re
import shutil
from pathlib import Path

from .offline import programs
from .paths import LINKS
from .plan import Step, perform
from .process import output

OLDEST = {"kind": (0, 30), "helm": (3, 18), "kubectl": (1, 32), "ct": (3, 12)}
"""The oldest versions that will do when they are found on PATH."""

ASK = {
    "kind": ["version", "-q"],
    "helm": ["version", "--template", "{{.Version}}"],
    "kubectl": ["version", "--client"],
    "ct": ["version"],
}


def path(name: str) -> str:
    """The tool in use."""
    return str(LINKS / name)


def steps(*, is_offline: bool) -> list[Step]:
    """What is missing for all four to be linked.

    Offline they are compiled with the rest, in the versions that go.mod pins. Else those on PATH
    that are new enough are taken, and only the others are compiled.
    """
    found = {} if is_offline else {name: _on_path(name) for name in programs.CLIENTS}
    missing = {n: package for n, package in programs.CLIENTS.items() if not found.get(n)}
    programs.refuse_where_hopeless(missing)
    targets = {n: found.get(n) or programs.directory() / n for n in programs.CLIENTS}
    return [
        *programs.steps(missing),
        Step("link the tools", lambda: _are_linked(targets), lambda: _link(targets)),
    ]


def are_there() -> bool:
    """Whether all four can be run."""
    return all((LINKS / name).exists() for name in programs.CLIENTS)


def provide() -> None:
    """Link all four where they are not, taking what is on PATH first."""
    if not are_there():
        perform(steps(is_offline=False))


def _on_path(name: str) -> Path | None:
    found = shutil.which(name)
    if found is None or Path(found).parent == LINKS:
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
