"""The API server admits every value set, without a warning where PSS restricted is enforced."""

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.chart.umbrella import rendered
from tests.chart.valid_values import valid_sets
from tests.e2e.release import NAME
from tests.support.commands import run
from tests.support.repository import CHART

NAMESPACE = "test-admission"
LEVELS = [f"pod-security.kubernetes.io/{mode}=restricted" for mode in ("enforce", "warn")]
# Everything that can be on together with the rest and needs no CRD.
EVERYTHING = """
config: {files: {app.toml: x = 1}}
cronJobs:
  - {name: tidy, schedule: 0 3 * * *, command: [python, -m, tidy], timeZone: Europe/Berlin}
ingress: {enabled: true, hosts: [{host: a.example}]}
initContainers: [{name: wait, image: example/wait}]
lifecycle: {postStart: {sleep: {seconds: 1}}}
metrics: {service: {enabled: true}, dashboard: {enabled: true}}
migrations: {enabled: true, command: [migrate]}
networkPolicy: {enabled: true, restrictEgress: true, monitoring: [{podSelector: {}}]}
service: {headless: true, ipFamilies: [IPv4]}
sidecars: [{name: proxy, image: example/proxy}]
"""
VALUE_SETS = sorted((CHART / "ci").glob("*-values.yaml"))
if not VALUE_SETS:
    raise FileNotFoundError(f"no *-values.yaml in {CHART / 'ci'}")


@pytest.fixture(scope="module")
def namespace() -> Iterator[str]:
    run("kubectl", "delete", "namespace", NAMESPACE, "--ignore-not-found")
    run("kubectl", "create", "namespace", NAMESPACE)
    run("kubectl", "label", "namespace", NAMESPACE, *LEVELS)
    # A dry run does not create the service accounts of the pods, so they must exist before.
    for account in ("", "-hook"):
        run("kubectl", f"--namespace={NAMESPACE}", "create", "sa", f"{NAME}-uvicorn{account}")
    yield NAMESPACE
    run("kubectl", "delete", "namespace", NAMESPACE, "--wait=false")


def warnings_of_the_api_server(namespace: str, *options: str, values: str = "") -> str:
    """Applies the rendered objects in a server-side dry run; returns its warnings."""
    rendered = subprocess.run(
        ["helm", "template", NAME, str(CHART), f"--namespace={namespace}", "--values=-", *options],
        input=values,
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    options = ("--dry-run=server", "--server-side", "--force-conflicts", "--filename=-")
    done = subprocess.run(
        ["kubectl", f"--namespace={namespace}", "apply", *options],
        input=rendered,
        capture_output=True,
        text=True,
        check=False,
    )
    assert "(server dry run)" in done.stdout, f"nothing was admitted: {done.stdout}{done.stderr}"
    return done.stderr


@pytest.mark.parametrize("value_set", VALUE_SETS, ids=lambda path: path.name)
def test_value_set_is_admitted_without_a_warning(namespace: str, value_set: Path) -> None:
    warnings = warnings_of_the_api_server(namespace, f"--values={value_set}")
    assert not warnings, f"{value_set.name}: {warnings}"


def test_everything_at_once_is_admitted_without_a_warning(namespace: str) -> None:
    warnings = warnings_of_the_api_server(namespace, values=EVERYTHING)
    assert not warnings, f"everything on: {warnings}"


def test_generated_value_sets_are_admitted(namespace: str) -> None:
    """Admits a sample of the objects of test_properties.py, without CRDs and bare pods."""
    known = {
        "ConfigMap", "CronJob", "Deployment", "HorizontalPodAutoscaler", "Ingress", "Job",
        "NetworkPolicy", "PodDisruptionBudget", "Service", "ServiceAccount",
    }  # fmt: skip
    generated = [
        manifest | {"metadata": manifest["metadata"] | {"namespace": namespace}}
        for manifests in rendered(valid_sets(40))
        for manifest in manifests
        if manifest["kind"] in known
    ]
    assert len(generated) > 120, f"only {len(generated)} objects were generated"
    # As JSON: PyYAML writes the text "y" without quotes, and kubectl reads that as true.
    objects = {"apiVersion": "v1", "kind": "List", "items": generated}
    done = subprocess.run(
        ["kubectl", "apply", "--dry-run=server", "--server-side", "--force-conflicts", "-f", "-"],
        input=json.dumps(objects),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, f"of {len(generated)} generated objects: {done.stderr}"


def test_a_pod_that_is_not_restricted_gets_a_warning(namespace: str) -> None:
    """The control is the same chart without the seccomp profile."""
    values = "podSecurityContext: {seccompProfile: {type: Unconfined}}"
    warnings = warnings_of_the_api_server(namespace, values=values)
    assert "Warning" in warnings, f"no warning of an unconfined pod: {warnings!r}"
    assert "seccompProfile" in warnings, f"the warning does not name the profile: {warnings!r}"
