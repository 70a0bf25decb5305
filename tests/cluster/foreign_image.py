"""An image of somebody else's app, on every node of the cluster."""

from pathlib import Path

from cluster import builder, digest, kind, lock, mode
from cluster.builder import INPUTS_LABEL
from cluster.plan import Step, perform
from cluster.versions import BASE_IMAGE

ROOT = Path(__file__).parents[2]
DOCKERFILE = Path(__file__).parent / "foreign" / "Dockerfile"
REPOSITORY = "ghcr.io/uvicorn-pod/foreign"  # so that `make clean` knows it
TAG = "test"
IMAGE = f"{REPOSITORY}:{TAG}"


def provide() -> None:
    """Build the image and load it, each where it has not been done for the present inputs."""
    build = Step("build somebody else's image", _is_built, _build)
    load = Step(
        "load somebody else's image",
        lambda: kind.holds_image(IMAGE),
        lambda: kind.load_image(IMAGE),
    )
    with lock.exclusive():
        perform([build])
        perform([load])  # what is loaded is asked of the image, which has to be there


def _inputs() -> str:
    files = [DOCKERFILE, ROOT / "requirements" / "foreign.txt"]
    return digest.of(BASE_IMAGE, files=files, root=ROOT)


def _is_built() -> bool:
    return builder.image_label(IMAGE, INPUTS_LABEL) == _inputs()


def _build() -> None:
    builder.build(
        "build foreign image",
        [
            f"--file={DOCKERFILE}", f"--tag={IMAGE}", f"--label={INPUTS_LABEL}={_inputs()}",
            f"--build-arg=BASE_IMAGE={BASE_IMAGE}", str(ROOT),
        ],
        is_offline=mode.is_offline(),
    )  # fmt: skip
