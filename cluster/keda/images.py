"""KEDA's images, with the names of the released ones."""

from cluster import program_image
from cluster.common.steps import Step
from cluster.program_image import ProgramImage
from cluster.programs.keda_programs import MODULE, version

RELEASED = {"keda": "keda", "keda-adapter": "keda-metrics-apiserver"}
"""Program → released image."""


def names() -> dict[str, str]:
    """Return program → image with its tag."""
    return {program: f"ghcr.io/kedacore/{name}:{version()}" for program, name in RELEASED.items()}


def building() -> list[Step]:
    """Return the steps that compile KEDA and build its images.

    Raises ClusterError if Go is needed and missing or too old.
    """
    return program_image.building(_images(), without_go="leave KEDA out")


def loading() -> list[Step]:
    """Return the steps that load the images, which must have been built before."""
    return program_image.loading(_images())


def _images() -> list[ProgramImage]:
    return [ProgramImage(MODULE, program, name) for program, name in names().items()]
