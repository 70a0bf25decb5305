"""Compile programs from a Go module, whose go.mod and go.sum pin every version."""

import re
import shutil
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property, partial
from pathlib import Path

from cluster.common import digest
from cluster.common.errors import ClusterError
from cluster.common.paths import BUILDS, GO_ROOT
from cluster.common.process import output, run_logged
from cluster.common.steps import Step

OLDEST_GO = (1, 26, 7)


@dataclass(frozen=True, eq=False)
class GoModule:
    """A folder with a go.mod and a go.sum, and the programs that are compiled from them."""

    folder: Path
    programs: Mapping[str, str]
    """Program name → Go package."""
    prefix: str
    """Start of the directory's name. A digest of the inputs follows."""
    tags: str
    """Go build tags, separated by commas."""
    version_variables: Callable[[], Mapping[str, str]]
    """Returns Go variable → version, for the versions that the programs report."""
    sources: tuple[Path, ...] = ()
    """Go files in this repository that are compiled too."""

    @cached_property
    def directory(self) -> Path:
        """Directory of the programs compiled from the current inputs."""
        inputs = [self.folder / "go.mod", self.folder / "go.sum", *self.sources]
        return BUILDS / f"{self.prefix}-{digest.of(self._linker_flags, files=inputs)}"

    @cached_property
    def _linker_flags(self) -> str:
        values = self.version_variables()
        return " ".join(["-s", "-w", *(f"-X {name}={value}" for name, value in values.items())])

    def are_built(self, names: Iterable[str]) -> bool:
        return all((self.directory / name).exists() for name in names)

    def steps(self, names: Iterable[str]) -> list[Step]:
        """Return one step per program. A step is done when its program is compiled."""
        return [
            Step(f"compile {name}", (self.directory / name).exists, partial(self._compile, name))
            for name in names
        ]

    def _compile(self, name: str) -> None:
        target = self.directory / name
        target.parent.mkdir(parents=True, exist_ok=True)
        unfinished = target.with_suffix(".partial")
        run_logged(
            f"compile {name}",
            [
                "go", "build", "-trimpath", "-buildvcs=false",
                "-tags", self.tags,
                "-ldflags", self._linker_flags,
                "-o", str(unfinished), self.programs[name],
            ],
            cwd=self.folder,
            env=go_environment(),
        )  # fmt: skip
        unfinished.replace(target)


def require_go(alternative: str) -> None:
    """Raise ClusterError if Go is missing or too old.

    `alternative` is the part of the message that says how to do without Go.
    """
    wanted = ".".join(map(str, OLDEST_GO))
    if shutil.which("go") is None:
        raise ClusterError(f"Go is not installed: install Go {wanted} or newer, or {alternative}.")
    reported = output(["go", "env", "GOVERSION"]) or ""
    found = tuple(int(part) for part in re.findall(r"\d+", reported)[:3])
    if found < OLDEST_GO:
        raise ClusterError(
            f"`go env GOVERSION` printed {reported or 'nothing'}: install Go {wanted} or newer, "
            f"or {alternative}."
        )


def go_environment() -> dict[str, str]:
    """Return Go's settings. The caches are in the state directory, so `make clean` removes them."""
    return {
        "CGO_ENABLED": "0",
        "GOFLAGS": "-modcacherw -mod=readonly",
        "GOMODCACHE": str(GO_ROOT / "mod"),
        "GOCACHE": str(GO_ROOT / "build"),
        "GOWORK": "off",
    }
