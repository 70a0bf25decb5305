"""Build the three published images if their inputs have changed."""

from cluster import online_or_offline
from cluster.common import digest
from cluster.common.steps import Step
from cluster.common.versions import BASE_IMAGE
from cluster.engine import image_builder
from cluster.engine.image_builder import INPUTS_LABEL
from cluster.release.names import ROOT, VERSION, image

STAGES = ("build", "runtime", "reference")


def inputs() -> str:
    """Return the digest of everything that the images are built from."""
    files = [ROOT / name for name in ("Dockerfile", ".dockerignore", "pyproject.toml")]
    files += [ROOT / "requirements" / name for name in ("image.txt", "runtime.txt")]
    files += [
        path
        for path in (ROOT / "app").rglob("*")
        if path.is_file() and "__pycache__" not in path.parts and ".egg-info" not in str(path)
    ]
    return digest.of(BASE_IMAGE, files=files, root=ROOT)


def steps() -> list[Step]:
    """Return the step that builds the images."""
    return [Step("build the images", is_built, build)]


def is_built() -> bool:
    """Whether all three were built from the current inputs."""
    wanted = inputs()
    return all(image_builder.image_label(image(stage), INPUTS_LABEL) == wanted for stage in STAGES)


def build() -> None:
    """Build all three. BuildKit builds the stages that they share once."""
    for stage in STAGES:
        image_builder.build(
            f"build {stage} image",
            [
                f"--target={stage}", f"--tag={image(stage)}",
                f"--label={INPUTS_LABEL}={inputs()}",
                f"--build-arg=BASE_IMAGE={BASE_IMAGE}", f"--build-arg=VERSION={VERSION}",
                str(ROOT),
            ],
            is_offline=online_or_offline.is_offline(),
        )  # fmt: skip
