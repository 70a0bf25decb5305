"""The base image, the component images and the node image, from packages alone."""

import os
import shutil
from functools import cache
from pathlib import Path

from cluster import metrics_server
from cluster.common import digest
from cluster.common.errors import ClusterError
from cluster.common.paths import BUILDS, OFFLINE
from cluster.common.process import output, run_logged
from cluster.common.steps import Step
from cluster.common.versions import BASE_IMAGE, BASE_SUITE, kubernetes, module_version
from cluster.engine import docker, image_builder
from cluster.engine.image_builder import INPUTS_LABEL
from cluster.offline import kubernetes_programs

LEFT_OUT = ("doc", "man", "info", "locale", "groff", "lintian")
KUBEADM_COMPONENTS = ("kube-apiserver", "kube-controller-manager", "kube-scheduler")


@cache
def _inputs() -> str:
    """Digest of all that the node image is made from."""
    files = [path for path in (OFFLINE / "node").rglob("*") if path.is_file()]
    return digest.of(kubernetes_programs.directory().name, BASE_IMAGE, files=files, root=OFFLINE)


def node_image() -> str:
    """Name of the node image for the present inputs."""
    return f"uvicorn-pod/node:{kubernetes()}-{_inputs()}"


def kind_base_image() -> str:
    """Name of kind's own node base, built from the pinned module."""
    return f"uvicorn-pod/kind-base:{module_version('sigs.k8s.io/kind')}"


def steps() -> list[Step]:
    """What is missing for the node image to be there."""
    return [
        Step(
            "build the base image",
            lambda: image_builder.image_id(BASE_IMAGE) is not None,
            _build_base,
        ),
        Step(
            "build kind's node base",
            lambda: is_node_built() or image_builder.image_id(kind_base_image()) is not None,
            _build_kind_base,
        ),
        Step("build the component images", is_node_built, _build_components),
        Step("build the node image", is_node_built, _build_node),
    ]


def is_node_built() -> bool:
    """Whether the node image for the present inputs is there."""
    return image_builder.image_label(node_image(), INPUTS_LABEL) == _inputs()


def _build_base() -> None:
    if shutil.which("mmdebstrap") is None:
        docker.apt_install("install mmdebstrap", ("mmdebstrap",))
    BUILDS.mkdir(parents=True, exist_ok=True)
    archive = BUILDS / "base.tar"
    without = [f"--dpkgopt=path-exclude=/usr/share/{name}/*" for name in LEFT_OUT]
    run_logged(
        "build the base image",
        [
            "mmdebstrap", "--variant=minbase", "--include=ca-certificates", *without,
            BASE_SUITE, str(archive),
        ],
    )  # fmt: skip
    with archive.open("rb") as stream:
        run_logged(
            "import the base image",
            ["docker", "import", f"--change=LABEL {INPUTS_LABEL}=", "-", BASE_IMAGE],
            stdin_from=stream,
        )
    archive.unlink()


def _build_kind_base() -> None:
    recipe = kubernetes_programs.module_directory("sigs.k8s.io/kind") / "images" / "base"
    image_builder.build(
        "build kind's node base",
        [
            "--target=base", f"--tag={kind_base_image()}", f"--label={INPUTS_LABEL}=",
            f"--build-arg=BASE_IMAGE={BASE_IMAGE}", str(recipe),
        ],
        is_offline=True,
    )  # fmt: skip


@cache
def _context() -> Path:
    """The build context, made once; the programs are hard links, as docker follows no others."""
    context = BUILDS / f"context-{_inputs()}"
    context.mkdir(parents=True, exist_ok=True)
    for name in kubernetes_programs.SERVERS | kubernetes_programs.CLIENTS:
        link = context / name
        link.unlink(missing_ok=True)
        os.link(kubernetes_programs.directory() / name, link)
    shutil.copytree(OFFLINE / "node", context / "node", dirs_exist_ok=True)
    return context


def _build_target(target: str, tag: str, **arguments: str) -> None:
    values = {"BASE_IMAGE": BASE_IMAGE, "KIND_BASE_IMAGE": kind_base_image(), **arguments}
    options = [f"--build-arg={name}={value}" for name, value in values.items()]
    context = _context()
    image_builder.build(
        f"build {target} {arguments.get('PROGRAM', '')}".strip(),
        [f"--target={target}", f"--tag={tag}", f"--label={INPUTS_LABEL}={_inputs()}", *options,
         f"--file={context / 'node' / 'Dockerfile'}", str(context)],
        is_offline=True,
    )  # fmt: skip


def _component_images() -> dict[str, str]:
    """Component → image name, as kubeadm and containerd's configuration will ask for it."""
    listed = output([
        str(kubernetes_programs.directory() / "kubeadm"), "config", "images", "list",
        "--kubernetes-version", kubernetes(),
    ])  # fmt: skip
    if not listed:
        raise ClusterError("kubeadm does not list its images: run `make clean` and build again.")
    names = {image.rsplit("/", 1)[1].split(":")[0]: image for image in listed.splitlines()}
    config = kubernetes_programs.module_directory("sigs.k8s.io/kind") / (
        "images/base/files/etc/containerd/config.toml"
    )
    line = next(line for line in config.read_text().splitlines() if "sandbox_image =" in line)
    return {
        **names,
        "pause": line.split('"')[1],
        "metrics-server": metrics_server.image(),
    }


def _build_components() -> None:
    images = _component_images()
    for component, image in images.items():
        own_target = component not in (*KUBEADM_COMPONENTS, "etcd")
        target = component if own_target else "component"
        _build_target(target, image, PROGRAM=component)
    archive = _context() / "images.tar"
    partial = archive.with_suffix(".partial")
    run_logged(
        "save the component images", ["docker", "save", f"--output={partial}", *images.values()]
    )
    partial.replace(archive)


def _build_node() -> None:
    _build_target("node", node_image(), KUBERNETES_VERSION=kubernetes())
    # Its build leaves a context with a copy of every image: more than a gigabyte.
    shutil.rmtree(_context())
