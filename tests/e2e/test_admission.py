"""The API server takes every value set, and where PSS restricted is enforced it warns of none."""

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from tests.chart.umbrella import rendered
from tests.chart.valid_values import valid_sets
from tests.e2e.release import NAME, run
from tests.support.repository import CHART

NAMESPACE = "test-admission"
LEVELS = [f"pod-security.kubernetes.io/{mode}=restricted" for mode in ("enforce", "warn")]
# Everything that can be on beside the rest, and needs no CRD.
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
    # A dry run creates nothing, so the accounts that the pods name have to be there.
    for account in ("", "-hook"):
        run("kubectl", f"--namespace={NAMESPACE}", "create", "sa", f"{NAME}-uvicorn{account}")
    yield NAMESPACE
    run("kubectl", "delete", "namespace", NAMESPACE, "--wait=false")


def said_by_the_api_server(namespace: str, *options: str, values: str = "") -> str:
    """What `kubectl apply --dry-run=server` says of the rendered objects beside their names."""
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
    assert "(server dry run)" in done.stdout, f"nothing was taken: {done.stdout}{done.stderr}"
    return done.stderr


@pytest.mark.parametrize("value_set", VALUE_SETS, ids=lambda path: path.name)
def test_value_set_is_taken_without_a_warning(namespace: str, value_set: Path) -> None:
    said = said_by_the_api_server(namespace, f"--values={value_set}")
    assert not said, f"{value_set.name}: {said}"


def test_everything_at_once_is_taken_without_a_warning(namespace: str) -> None:
    said = said_by_the_api_server(namespace, values=EVERYTHING)
    assert not said, f"everything on: {said}"


def test_drawn_value_sets_are_taken(namespace: str) -> None:
    """A sample of what test_properties.py renders; CRDs and bare pods are left out."""
    known = {
        "ConfigMap", "CronJob", "Deployment", "HorizontalPodAutoscaler", "Ingress", "Job",
        "NetworkPolicy", "PodDisruptionBudget", "Service", "ServiceAccount",
    }  # fmt: skip
    drawn = [
        manifest | {"metadata": manifest["metadata"] | {"namespace": namespace}}
        for manifests in rendered(valid_sets(40))
        for manifest in manifests
        if manifest["kind"] in known
    ]
    assert len(drawn) > 120, f"only {len(drawn)} objects were drawn"
    done = subprocess.run(
        ["kubectl", "apply", "--dry-run=server", "--server-side", "--force-conflicts", "-f", "-"],
        input=yaml.safe_dump_all(drawn),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, f"of {len(drawn)} drawn objects: {done.stderr}"


def test_a_pod_that_is_not_restricted_is_warned_of(namespace: str) -> None:
    """The control: the same chart without the seccomp profile."""
    values = "podSecurityContext: {seccompProfile: {type: Unconfined}}"
    said = said_by_the_api_server(namespace, values=values)
    assert "Warning" in said, f"no warning of an unconfined pod: {said!r}"
    assert "seccompProfile" in said, f"the warning does not name the profile: {said!r}"
