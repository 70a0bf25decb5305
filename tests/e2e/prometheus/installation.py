"""Prometheus and its operator in a namespace of the cluster, for the tests that ask it."""

from pathlib import Path
from string import Template

from cluster import online_or_offline, program_image
from cluster.common import lock
from cluster.common.steps import perform
from cluster.programs import testing_programs
from cluster.release import names
from tests.e2e.prometheus import images
from tests.support.commands import APPLY, run

HERE = Path(__file__).parent
OPERATOR_MANIFESTS = HERE / "operator.yaml"
MANIFESTS = HERE / "prometheus.yaml"
SCRIPT = HERE / "object_metrics.py"
NAMESPACE = "test-prometheus"
READY_SECONDS = 180
_APPLY = (*APPLY, f"--namespace={NAMESPACE}")
WITHOUT_GO = "run pytest without tests/e2e/test_prometheus.py"


def provide_images() -> None:
    """Without a registry, compiles the programs and loads their images; else the nodes pull them.

    Skips each step that is done.
    """
    if online_or_offline.is_offline():
        wanted = images.all_images()
        with lock.exclusive():
            perform(program_image.building(wanted, without_go=WITHOUT_GO))
            perform(program_image.loading(wanted))


def install_operator() -> None:
    """Installs the custom resources and the operator into NAMESPACE, which must exist."""
    provide_images()
    run(*_APPLY, f"--filename={OPERATOR_MANIFESTS}")
    kubectl("rollout", "status", "deployment/prometheus-operator", f"--timeout={READY_SECONDS}s")


def install_prometheus() -> None:
    """Lets the operator start Prometheus, and waits until it is ready.

    It starts with the monitors and rules that exist now. A later one reaches it after a minute,
    when the kubelet updates the file in its pod.
    """
    kubectl("create", "configmap", "object-metrics", f"--from-file={SCRIPT}")
    run(*_APPLY, "--filename=-", stdin=_manifests())
    for condition in ("Reconciled", "Available"):
        wait = [f"--for=condition={condition}", f"--timeout={READY_SECONDS}s"]
        kubectl("wait", "prometheus/test", *wait)


def uninstall() -> None:
    """Removes what both have outside NAMESPACE, and Prometheus before the operator."""
    delete = ("delete", "--ignore-not-found", "--timeout=120s")
    kubectl(*delete, "prometheus/test")
    kubectl("wait", "--for=delete", "pod/prometheus-test-0", "--timeout=120s")
    kubectl(*delete, f"--filename={OPERATOR_MANIFESTS}")
    run("kubectl", *delete, "clusterrole/test-prometheus", "clusterrolebinding/test-prometheus")
    run("kubectl", "--namespace=kube-system", *delete, "service/kubelet")


def kubectl(*arguments: str) -> str:
    """Returns the output of kubectl in NAMESPACE."""
    return run("kubectl", f"--namespace={NAMESPACE}", *arguments)


def _manifests() -> str:
    return Template(MANIFESTS.read_text()).substitute(
        app_image=names.image("reference"),
        version=testing_programs.prometheus_version(),
        image=images.prometheus().name,
    )
