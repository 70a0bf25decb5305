"""metrics-server: without it no HPA ever sees a pod's CPU."""

from string import Template

from cluster import kind
from cluster.common.paths import CLUSTER
from cluster.common.process import run_logged
from cluster.common.versions import module_version
from cluster.kind import KindCluster

TIMEOUT = "180s"


def is_installed() -> bool:
    """Whether the API that metrics-server serves is available in its pinned version."""
    condition = '{.status.conditions[?(@.type=="Available")].status}'
    status = kind.kubectl("get", "apiservice", "v1beta1.metrics.k8s.io", f"-o=jsonpath={condition}")
    running = kind.kubectl(
        "get", "deployment", "metrics-server", "--namespace=kube-system",
        "-o=jsonpath={.spec.template.spec.containers[0].image}",
    )  # fmt: skip
    return status == "True" and running == image()


def image() -> str:
    """Name of the image, in the version that go.mod pins."""
    version = module_version("sigs.k8s.io/metrics-server")
    return f"registry.k8s.io/metrics-server/metrics-server:{version}"


def install(cluster: KindCluster = kind.MAIN) -> None:
    """Apply the manifest and wait until the metrics API is served."""
    manifest = Template((CLUSTER / "metrics-server.yaml").read_text()).substitute(image=image())
    kubectl = kind.kubectl_command(cluster)
    run_logged(
        "install metrics-server",
        [*kubectl, "apply", "--server-side", "--filename=-"],
        stdin=manifest,
    )
    run_logged(
        "roll out metrics-server",
        [*kubectl, "rollout", "status", "deployment/metrics-server", "--namespace=kube-system",
         f"--timeout={TIMEOUT}"],
    )  # fmt: skip
    run_logged(
        "wait for metrics-server",
        [*kubectl, "wait", "--for=condition=Available", f"--timeout={TIMEOUT}",
         "apiservice/v1beta1.metrics.k8s.io"],
    )  # fmt: skip
