"""Install or upgrade the release if the chart, the values or the image have changed."""

import json
import os
import subprocess
from pathlib import Path

from cluster import kind
from cluster.common import digest
from cluster.common.errors import ClusterError
from cluster.common.paths import KUBECONFIG
from cluster.common.process import output, run_logged
from cluster.common.steps import Step
from cluster.engine import image_builder
from cluster.programs import tool_choice
from cluster.release.names import CHART, NAMESPACE, NODE_PORT, RELEASE
from cluster.release.names import image as image_name

TIMEOUT = "180s"
POD_SECURITY = "pod-security.kubernetes.io/enforce=restricted"


def values_files() -> list[Path]:
    """Return the files in `make up VALUES=charts/uvicorn/environments/prod.yaml`.

    Raises ClusterError if one does not exist.
    """
    files = [Path(name) for name in os.environ.get("VALUES", "").split()]
    for file in files:
        if not file.is_file():
            raise ClusterError(f"VALUES names {file}, which does not exist: correct the path.")
    return files


def settings() -> list[str]:
    """Return the values that this cluster needs in addition to the chart's defaults."""
    return [
        "--set=service.type=NodePort",
        f"--set=service.nodePort={NODE_PORT}",
        # A rebuilt image keeps its name until the version changes. This restarts the pods anyway.
        f"--set=podAnnotations.image={image_builder.image_id(image_name('reference'))}",
    ]


def inputs() -> str:
    """Return the digest of the chart, the values and the image."""
    chart = [path for path in CHART.rglob("*") if path.is_file()]
    values = "".join(file.read_text() for file in values_files())
    return digest.of(values, *settings(), files=chart, root=CHART)


def steps() -> list[Step]:
    """Return the step that brings the release to the state of this checkout."""
    return [Step("install the release", is_deployed, install)]


def is_deployed() -> bool:
    """Whether the release was installed from the current inputs and its Deployment is available."""
    info = _status()
    is_recorded = info.get("status") == "deployed" and info.get("description") == inputs()
    return is_recorded and _is_available()


def _is_available() -> bool:
    condition = '{.status.conditions[?(@.type=="Available")].status}'
    deployment = f"--namespace={NAMESPACE}", "deployment", RELEASE
    return kind.kubectl("get", *deployment, f"-o=jsonpath={condition}") == "True"


def install() -> None:
    """Install or upgrade the release, and wait until it is rolled out."""
    _roll_back_if_interrupted()
    _create_namespace()
    values = [f"--values={file}" for file in values_files()]
    helm(
        "upgrade", "--install", RELEASE, str(CHART), f"--description={inputs()}",
        "--wait", f"--timeout={TIMEOUT}", *values, *settings(),
    )  # fmt: skip


def helm(*arguments: str) -> None:
    """Run helm in the release's namespace. Raises ClusterError with helm's message."""
    done = subprocess.run([*_helm(), *arguments], capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise ClusterError(f"helm {arguments[0]} failed: {_error_message(done.stderr)}")


def _helm() -> list[str]:
    return [tool_choice.path("helm"), f"--kubeconfig={KUBECONFIG}", f"--namespace={NAMESPACE}"]


def _error_message(stderr: str) -> str:
    """Return helm's error without its warnings. Each mistake in the values is on its own line."""
    lines = [line.strip() for line in stderr.splitlines()]
    start = next((n for n, line in enumerate(lines) if line.startswith("Error:")), 0)
    return "\n  ".join(
        line for line in lines[start:] if line and "--debug" not in line
    ).removeprefix("Error: ")


def _status() -> dict[str, str]:
    said = output([*_helm(), "status", RELEASE, "--output=json"])
    return dict(json.loads(said)["info"]) if said else {}


def _roll_back_if_interrupted() -> None:
    """Roll back a release that a killed helm has left pending. helm refuses to upgrade it."""
    if not _status().get("status", "").startswith("pending-"):
        return
    print("  rolling back the release, whose last installation was interrupted")
    if output([*_helm(), "rollback", RELEASE, "--wait", f"--timeout={TIMEOUT}"]) is None:
        helm("uninstall", RELEASE, "--wait")


def _create_namespace() -> None:
    kubectl = kind.kubectl_command()
    if kind.kubectl("get", "namespace", NAMESPACE) is None:
        run_logged("create the namespace", [*kubectl, "create", "namespace", NAMESPACE])
    label = ["label", "--overwrite", "namespace", NAMESPACE, POD_SECURITY]
    run_logged("label the namespace", [*kubectl, *label])
