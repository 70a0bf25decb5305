"""An image of somebody else's app, on every node of the cluster."""

from pathlib import Path

from cluster import kind, online_or_offline
from cluster.common import digest, lock
from cluster.common.steps import Step, perform
from cluster.common.versions import BASE_IMAGE
from cluster.engine import image_builder
from cluster.engine.image_builder import INPUTS_LABEL
from tests.support.repository import ROOT

DOCKERFILE = Path(__file__).parent / "existing_image_build" / "Dockerfile"
REPOSITORY = "ghcr.io/uvicorn-pod/existing-image"  # so that `make clean` knows it
TAG = "test"
IMAGE = f"{REPOSITORY}:{TAG}"


def provide() -> None:
    """Build the image, and load it into the cluster. Skip each step that is already done."""
    build = Step("build somebody else's image", _is_built, _build)
    load = Step(
        "load somebody else's image",
        lambda: kind.holds_image(IMAGE),
        lambda: kind.load_image(IMAGE),
    )
    with lock.exclusive():
        perform([build])
        perform([load])  # a separate call: checking for the loaded image needs the built image


def _inputs() -> str:
    files = [DOCKERFILE, ROOT / "requirements" / "existing-image.txt"]
    return digest.of(BASE_IMAGE, files=files, root=ROOT)


def _is_built() -> bool:
    return image_builder.image_label(IMAGE, INPUTS_LABEL) == _inputs()


def _build() -> None:
    image_builder.build(
        "build existing image",
        [
            f"--file={DOCKERFILE}", f"--tag={IMAGE}", f"--label={INPUTS_LABEL}={_inputs()}",
            f"--build-arg=BASE_IMAGE={BASE_IMAGE}", str(ROOT),
        ],
        is_offline=online_or_offline.is_offline(),
    )  # fmt: skip
