"""Build the three images, when what they are made from has changed."""

from cluster import online_or_offline
from cluster.common import digest
from cluster.common.steps import Step
from cluster.common.versions import BASE_IMAGE
from cluster.engine import image_builder
from cluster.engine.image_builder import INPUTS_LABEL
from cluster.release.names import ROOT, VERSION, image

STAGES = ("build", "runtime", "reference")


def inputs() -> str:
    """Digest of all that goes into the images."""
    files = [ROOT / name for name in ("Dockerfile", ".dockerignore", "pyproject.toml")]
    files += [ROOT / "requirements" / name for name in ("image.txt", "runtime.txt")]
    files += [
        path
        for path in (ROOT / "app").rglob("*")
        if path.is_file() and "__pycache__" not in path.parts and ".egg-info" not in str(path)
    ]
    return digest.of(BASE_IMAGE, files=files, root=ROOT)


def steps() -> list[Step]:
    """What is missing for the images to be there."""
    return [Step("build the images", is_built, build)]


def is_built() -> bool:
    """Whether all three were built from the present inputs."""
    wanted = inputs()
    return all(image_builder.image_label(image(stage), INPUTS_LABEL) == wanted for stage in STAGES)


def build() -> None:
    """Build all three; the stages that they share are built once."""
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
