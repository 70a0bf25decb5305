"""Install KEDA into the running cluster, and wait until it can scale something."""

import json
import os

from cluster import api_server, kind, online_or_offline
from cluster.common import digest
from cluster.common.errors import ClusterError
from cluster.common.paths import CLUSTER
from cluster.common.process import run_logged
from cluster.common.steps import Step, perform
from cluster.keda import images

NAMESPACE = "keda"
DEPLOYMENTS = ("keda-operator", "keda-metrics-apiserver")
METRICS_API = "v1beta1.external.metrics.k8s.io"
TIMEOUT = "300s"

CRDS = CLUSTER / "keda" / "crds.yaml"
KEDA = CLUSTER / "keda" / "keda.yaml"
INPUTS_ANNOTATION = "uvicorn-pod/inputs"
"""Annotation of KEDA's namespace: the digest of the manifests that were installed completely."""


def require_valid_setting() -> None:
    """Raise ClusterError if KEDA is set to anything but 0 or 1."""
    setting = os.environ.get("KEDA", "")
    if setting not in ("", "0", "1"):
        raise ClusterError(f"KEDA is {setting!r}: set it to 1 or 0, or leave it out.")


def is_requested() -> bool:
    """Whether `make up KEDA=1` is what runs. Without it, an installed KEDA stays as it is."""
    return os.environ.get("KEDA") == "1"


def provide() -> None:
    """Do what is missing until KEDA runs. Raises ClusterError if the cluster does not run."""
    if not kind.gets_healthy():
        raise ClusterError("The cluster is not running: run `make up` first.")
    is_offline = online_or_offline.is_offline()
    if is_offline:
        perform(images.building())
    loading = images.loading() if is_offline else []
    steps = [*loading, Step("install KEDA", is_installed, install)]
    perform(api_server.repeated_after_restarts(steps))


def is_installed() -> bool:
    """Whether KEDA was installed from the current manifests, and runs."""
    return _is_recorded() and _are_available()


def install() -> None:
    """Apply the manifests, and wait until the operator is ready and its metrics are served."""
    kubectl = kind.kubectl_command()
    apply = ["apply", "--server-side", f"--filename={CRDS}", f"--filename={KEDA}"]
    run_logged("install KEDA", [*kubectl, *apply])
    for deployment in DEPLOYMENTS:
        _wait(deployment, "rollout", "status", f"deployment/{deployment}")
    _wait("the metrics API", "wait", "--for=condition=Available", f"apiservice/{METRICS_API}")
    record = f"{INPUTS_ANNOTATION}={_inputs()}"
    run_logged("record KEDA", [*kubectl, "annotate", "--overwrite", "namespace", NAMESPACE, record])


def _inputs() -> str:
    return digest.of(files=[CRDS, KEDA])


def _is_recorded() -> bool:
    said = kind.kubectl("get", "namespace", NAMESPACE, "--output=json")
    annotations = json.loads(said)["metadata"].get("annotations", {}) if said else {}
    return bool(annotations.get(INPUTS_ANNOTATION) == _inputs())


def _are_available() -> bool:
    condition = '{.status.conditions[?(@.type=="Available")].status}'
    names = [f"deployment/{name}" for name in DEPLOYMENTS]
    said = kind.kubectl(
        "get", *names, f"apiservice/{METRICS_API}", f"--namespace={NAMESPACE}",
        f"-o=jsonpath={{range .items[*]}}{condition} {{end}}",
    )  # fmt: skip
    return (said or "").split() == ["True"] * 3


def _wait(what: str, *command: str) -> None:
    """Run a kubectl command that waits. Raises ClusterError with the way to the reason."""
    namespace = f"--namespace={NAMESPACE}"
    try:
        run_logged(
            f"wait for KEDA: {what}",
            [*kind.kubectl_command(), *command, namespace, f"--timeout={TIMEOUT}"],
        )
    except ClusterError as error:
        raise ClusterError(
            f"KEDA is not ready ({what} after {TIMEOUT}): `kubectl {namespace} describe pods` "
            "and the pods' logs show why. Run the same command again to continue here."
        ) from error
