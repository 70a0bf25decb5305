"""The kind node image that is built offline, and the steps to it."""

import shutil

from cluster.common.steps import Step
from cluster.common.versions import kubernetes
from cluster.engine import image_builder
from cluster.engine.image_builder import INPUTS_LABEL
from cluster.offline import base_images, component_images, node_dockerfile

REPOSITORY = "uvicorn-pod/node"


def name() -> str:
    """Return the name of the node image for the current inputs."""
    return f"{REPOSITORY}:{kubernetes()}-{node_dockerfile.inputs()}"


def is_built() -> bool:
    """Whether the node image for the current inputs exists."""
    return image_builder.image_label(name(), INPUTS_LABEL) == node_dockerfile.inputs()


def steps() -> list[Step]:
    """Return the steps to the node image. The programs must be compiled before."""
    return [
        Step(
            "build the base image",
            base_images.is_debian_base_built,
            base_images.build_debian_base,
        ),
        Step(
            "build kind's node base",
            lambda: is_built() or base_images.is_kind_base_built(),
            base_images.build_kind_base,
        ),
        Step("build the component images", is_built, component_images.build),
        Step("build the node image", is_built, _build),
    ]


def _build() -> None:
    node_dockerfile.build_target("node", name(), KUBERNETES_VERSION=kubernetes())
    # The build context holds a copy of every image, more than a gigabyte.
    shutil.rmtree(node_dockerfile.context())
