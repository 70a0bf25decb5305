"""An image that a test builds and loads onto every node of the cluster."""

from dataclasses import dataclass
from pathlib import Path

from cluster import kind, online_or_offline
from cluster.common import digest, lock
from cluster.common.steps import Step, perform
from cluster.common.versions import BASE_IMAGE
from cluster.engine import image_builder
from cluster.engine.image_builder import INPUTS_LABEL
from tests.support.repository import ROOT

TAG = "test"


@dataclass(frozen=True)
class ClusterImage:
    """An image of a Dockerfile and the other files that its build copies."""

    name: str
    dockerfile: Path
    copied: tuple[Path, ...] = ()
    bases: tuple[tuple[str, str], ...] = (("BASE_IMAGE", BASE_IMAGE),)
    """Build argument → image that it names."""

    @property
    def repository(self) -> str:
        """The image without its tag; `make clean` knows the prefix."""
        return f"ghcr.io/uvicorn-pod/{self.name}"

    @property
    def reference(self) -> str:
        """The image with its tag."""
        return f"{self.repository}:{TAG}"

    def build(self) -> None:
        """Builds the image, unless it is built from the same files."""
        with lock.exclusive():
            perform([Step(f"build the image {self.name}", self._is_built, self._build)])

    def provide(self) -> None:
        """Builds the image, and loads it into the cluster. Skips each step that is done."""
        self.build()
        load = Step(
            f"load the image {self.name}",
            lambda: kind.holds_image(self.reference),
            lambda: kind.load_image(self.reference),
        )
        with lock.exclusive():
            perform([load])

    def _inputs(self) -> str:
        bases = [
            f"{name} {image_builder.image_label(name, INPUTS_LABEL)}" for _, name in self.bases
        ]
        return digest.of(*bases, files=[self.dockerfile, *self.copied], root=ROOT)

    def _is_built(self) -> bool:
        return image_builder.image_label(self.reference, INPUTS_LABEL) == self._inputs()

    def _build(self) -> None:
        image_builder.build(
            f"build {self.name}",
            [
                f"--file={self.dockerfile}", f"--tag={self.reference}",
                f"--label={INPUTS_LABEL}={self._inputs()}",
                *(f"--build-arg={argument}={name}" for argument, name in self.bases), str(ROOT),
            ],
            is_offline=online_or_offline.is_offline(),
        )  # fmt: skip
