"""Images of single programs: pulled by the nodes or, without an image registry, built here."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from cluster import kind
from cluster.common import digest
from cluster.common.paths import CLUSTER
from cluster.common.steps import Step
from cluster.engine import image_builder
from cluster.engine.image_builder import INPUTS_LABEL
from cluster.kind import KindCluster
from cluster.programs.go_module import GoModule, require_go

DOCKERFILE = CLUSTER / "program.Dockerfile"


@dataclass(frozen=True)
class ProgramImage:
    """An image with one program of a Go module, and the name of the released image."""

    module: GoModule
    program: str
    name: str
    folder: str = ""
    """Folder of the program in the released image; the root if empty."""

    def build_step(self) -> Step:
        """Return the step that builds the image; its program must have been compiled before."""
        return Step(f"build {self.name}", self._is_built, self._build)

    def load_step(self, nodes: Sequence[str], cluster: KindCluster = kind.MAIN) -> Step:
        """Return the step that loads the image, which must have been built before."""
        return Step(
            f"load {self.name}",
            lambda: kind.holds_image(self.name, nodes),
            lambda: kind.load_image(self.name, nodes, cluster),
        )

    def _inputs(self) -> str:
        return digest.of(self.module.directory.name, self.folder, files=[DOCKERFILE])

    def _is_built(self) -> bool:
        return image_builder.image_label(self.name, INPUTS_LABEL) == self._inputs()

    def _build(self) -> None:
        image_builder.build(
            f"build {self.program} image",
            [
                f"--build-arg=PROGRAM={self.program}", f"--build-arg=FOLDER={self.folder}",
                f"--tag={self.name}",
                f"--label={INPUTS_LABEL}={self._inputs()}",
                f"--file={DOCKERFILE}", str(self.module.directory),
            ],
            is_offline=True,
        )  # fmt: skip


def building(images: Iterable[ProgramImage], *, without_go: str) -> list[Step]:
    """Return the steps that compile the programs and build their images.

    Raises ClusterError if Go is needed and missing or too old; `without_go` is the part of its
    message that says how to do without Go.
    """
    wanted = list(images)
    if not all(image.module.are_built([image.program]) for image in wanted):
        require_go(without_go)
    compiling = [step for image in wanted for step in image.module.steps([image.program])]
    return [*compiling, *(image.build_step() for image in wanted)]


def loading(images: Iterable[ProgramImage], cluster: KindCluster = kind.MAIN) -> list[Step]:
    """Return the steps that load the images, which must have been built before."""
    control_plane = kind.node_names(cluster)[:1]  # The manifests keep the pods there.
    return [image.load_step(control_plane, cluster) for image in images]
