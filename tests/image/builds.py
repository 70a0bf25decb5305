"""Builds the images of these tests as `make up` builds its own, online or offline."""

from pathlib import Path

from cluster import online_or_offline
from cluster.engine import image_builder
from cluster.release.names import ROOT

APP = Path(__file__).parent / "app_on_runtime_image"
TAG = "test"


def build(name: str, dockerfile: Path, *options: str, context: Path = APP) -> str:
    """Builds an image and returns its name."""
    tag = f"ghcr.io/uvicorn-pod/{name}:{TAG}"
    arguments = [f"--file={dockerfile}", f"--tag={tag}", *options, str(context)]
    image_builder.build(f"build {name} image", arguments, is_offline=online_or_offline.is_offline())
    return tag


def trusting(base: str, name: str, target: str = "trusting") -> str:
    """Adds the private CA to an image, if there is one, and returns the new image's name."""
    options = [f"--build-arg=BASE={base}", f"--target={target}"]
    return build(name, APP / "base.Dockerfile", *options, context=ROOT)
