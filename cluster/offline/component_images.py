"""The images of the pods that Kubernetes itself needs, saved to one archive for the node image."""

from cluster import metrics_server
from cluster.common.errors import ClusterError
from cluster.common.process import output, run_logged
from cluster.common.versions import kubernetes
from cluster.offline import node_dockerfile
from cluster.programs.kubernetes_programs import MODULE, module_source

WITH_GENERIC_TARGET = ("kube-apiserver", "kube-controller-manager", "kube-scheduler", "etcd")
"""Components built from the Dockerfile's target `component`. The others have a dedicated one."""

CONTAINERD_CONFIG = "images/base/files/etc/containerd/config.toml"
"""containerd's configuration on a node, in kind's source."""


def build() -> None:
    """Build every component image and save them all to images.tar in the build context."""
    images = _names()
    for component, image in images.items():
        target = "component" if component in WITH_GENERIC_TARGET else component
        node_dockerfile.build_target(target, image, PROGRAM=component)
    archive = node_dockerfile.context() / "images.tar"
    partial = archive.with_suffix(".partial")
    run_logged(
        "save the component images", ["docker", "save", f"--output={partial}", *images.values()]
    )
    partial.replace(archive)


def _names() -> dict[str, str]:
    """Return component → image name, as kubeadm and containerd's configuration ask for it."""
    listed = output([
        str(MODULE.directory / "kubeadm"), "config", "images", "list",
        "--kubernetes-version", kubernetes(),
    ])  # fmt: skip
    if not listed:
        raise ClusterError(
            f"{MODULE.directory / 'kubeadm'} does not list the images it needs: "
            "run `make clean`, then `make up`."
        )
    names = {image.rsplit("/", 1)[1].split(":")[0]: image for image in listed.splitlines()}
    config = module_source("sigs.k8s.io/kind") / CONTAINERD_CONFIG
    line = next(line for line in config.read_text().splitlines() if "sandbox_image =" in line)
    return {
        **names,
        "pause": line.split('"')[1],
        "metrics-server": metrics_server.image(),
    }
