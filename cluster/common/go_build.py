"""Compile programs from Go modules whose versions a go.mod and a go.sum pin."""

import re
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path

from cluster.common import digest
from cluster.common.errors import ClusterError
from cluster.common.paths import BUILDS, GO_ROOT
from cluster.common.process import output, run_logged
from cluster.common.steps import Step

OLDEST_GO = (1, 26, 7)


@dataclass(frozen=True)
class Module:
    """A folder with a go.mod and a go.sum, and how its programs are compiled."""

    folder: Path
    linker_flags: str
    """Such as `-X` options with the versions that programs report."""
    tags: str
    """Build tags, with commas."""
    prefix: str
    """Of the directory's name; the rest of it is a digest of the inputs."""
    sources: tuple[Path, ...] = ()
    """Go files of our own."""

    def directory(self) -> Path:
        """Where the programs compiled from the present inputs are kept."""
        return _directory(self)

    def are_built(self, programs: Mapping[str, str]) -> bool:
        return all((self.directory() / name).exists() for name in programs)

    def steps(self, programs: Mapping[str, str]) -> list[Step]:
        """One step for each program (name → package) that is to be compiled."""
        return [
            Step(
                f"compile {name}",
                (self.directory() / name).exists,
                partial(self._compile, name, package),
            )
            for name, package in programs.items()
        ]

    def _compile(self, name: str, package: str) -> None:
        target = self.directory() / name
        target.parent.mkdir(parents=True, exist_ok=True)
        unfinished = target.with_suffix(".partial")
        run_logged(
            f"compile {name}",
            [
                "go", "build", "-trimpath", "-buildvcs=false",
                "-tags", self.tags,
                "-ldflags", self.linker_flags,
                "-o", str(unfinished), package,
            ],
            cwd=self.folder,
            env=environment(),
        )  # fmt: skip
        unfinished.replace(target)


@cache
def _directory(module: Module) -> Path:
    inputs = [module.folder / "go.mod", module.folder / "go.sum", *module.sources]
    return BUILDS / f"{module.prefix}-{digest.of(module.linker_flags, files=inputs)}"


def refuse_missing_go(way_out: str) -> None:
    """Raise ClusterError where Go is missing or too old; `way_out` says what would do without."""
    wanted = ".".join(map(str, OLDEST_GO))
    if shutil.which("go") is None:
        raise ClusterError(f"Go is not installed: install Go {wanted} or newer, or {way_out}.")
    said = output(["go", "env", "GOVERSION"]) or ""
    found = tuple(int(part) for part in re.findall(r"\d+", said)[:3])
    if found < OLDEST_GO:
        raise ClusterError(f"Go is {said or 'broken'}, but {wanted} or newer is needed.")


def environment() -> dict[str, str]:
    """Go's settings: caches of our own, so that `make clean` can remove them."""
    return {
        "CGO_ENABLED": "0",
        "GOFLAGS": "-modcacherw -mod=readonly",
        "GOMODCACHE": str(GO_ROOT / "mod"),
        "GOCACHE": str(GO_ROOT / "build"),
        "GOWORK": "off",
    }
