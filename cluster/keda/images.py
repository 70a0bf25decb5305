"""KEDA's images: pulled by the nodes or, without an image registry, built from its Go module."""

from functools import partial

from cluster import kind
from cluster.common import digest
from cluster.common.paths import CLUSTER
from cluster.common.steps import Step
from cluster.engine import image_builder
from cluster.engine.image_builder import INPUTS_LABEL
from cluster.programs.go_module import require_go
from cluster.programs.keda_programs import MODULE, version

DOCKERFILE = CLUSTER / "keda" / "Dockerfile"
WITHOUT_GO = "leave KEDA out"


def names() -> dict[str, str]:
    """Return program → image, with the names of the released images in both cases."""
    released = {"keda": "keda", "keda-adapter": "keda-metrics-apiserver"}
    return {program: f"ghcr.io/kedacore/{name}:{version()}" for program, name in released.items()}


def building() -> list[Step]:
    """Return the steps that compile KEDA and build its images.

    Raises ClusterError if Go is needed and missing or too old.
    """
    if not MODULE.are_built(MODULE.programs):
        require_go(WITHOUT_GO)
    images = [
        Step(f"build {image}", partial(_is_built, image), partial(_build, program, image))
        for program, image in names().items()
    ]
    return [*MODULE.steps(MODULE.programs), *images]


def loading() -> list[Step]:
    """Return the steps that load the images, which must have been built before."""
    control_plane = kind.node_names()[:1]  # The manifest keeps both pods there.
    return [
        Step(
            f"load {image}",
            partial(kind.holds_image, image, control_plane),
            partial(kind.load_image, image, control_plane),
        )
        for image in names().values()
    ]


def _inputs() -> str:
    return digest.of(MODULE.directory.name, files=[DOCKERFILE])


def _is_built(image: str) -> bool:
    return image_builder.image_label(image, INPUTS_LABEL) == _inputs()


def _build(program: str, image: str) -> None:
    image_builder.build(
        f"build {program} image",
        [
            f"--build-arg=PROGRAM={program}", f"--tag={image}",
            f"--label={INPUTS_LABEL}={_inputs()}",
            f"--file={DOCKERFILE}", str(MODULE.directory),
        ],
        is_offline=True,
    )  # fmt: skip
