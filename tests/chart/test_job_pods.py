"""Pods of Jobs: they run the sidecars, and have variables, labels and annotations per Job."""

from typing import Any

import pytest

from tests.chart.kubernetes_schemas import fault, supported_minors
from tests.chart.manifests import Manifest, of_kind, pod_of, pod_templates, render
from tests.chart.test_security import CONTAINER_CONTEXT
from tests.chart.umbrella import template_refusals
from tests.support.documented_values import documented_values

PROXY: dict[str, Any] = {"name": "cloud-sql-proxy", "image": "x", "startupProbe": {"exec": {}}}
SHARED: dict[str, Any] = {
    "sidecars": [PROXY],
    "initContainers": [{"name": "wait", "image": "x"}],
    "env": {"DATABASE_USER": "app", "DATABASE_URL": "postgres://$(DATABASE_USER)@127.0.0.1/shop"},
    "podLabels": {"sidecar.istio.io/inject": "true", "team": "shop"},
    "podAnnotations": {"linkerd.io/inject": "enabled", "owner": "shop"},
}
KINDS = ["Job", "CronJob"]


def manifests_of(job: dict[str, Any], **values: Any) -> list[Manifest]:
    """The objects with this setting of both kinds of Jobs."""
    both = {
        "migrations": {"enabled": True, "command": ["x"]} | job,
        "cronJobs": [{"name": "tidy", "schedule": "@daily", "command": ["x"]} | job],
    }
    return render(SHARED | both | values)


def pod_in(kind: str, manifests: list[Manifest]) -> Manifest:
    (pod,) = [pod for owner, pod in pod_templates(manifests) if owner.startswith(f"{kind}/")]
    return pod


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("job", [{}, {"sidecars": True}], ids=str)
def test_job_runs_the_sidecars_until_it_ends(kind: str, job: dict[str, Any]) -> None:
    """Kubernetes ends a native sidecar once the Job's container has ended."""
    found = pod_in(kind, manifests_of(job))["spec"]["initContainers"]
    wanted = [PROXY | {"restartPolicy": "Always", "securityContext": CONTAINER_CONTEXT}]
    assert found == wanted, f"{kind}: {found}, wanted {wanted}"


@pytest.mark.parametrize("kind", KINDS)
def test_job_can_leave_the_sidecars_out(kind: str) -> None:
    manifests = manifests_of({"sidecars": False})
    spec = pod_in(kind, manifests)["spec"]
    assert "initContainers" not in spec, f"{kind}: {spec['initContainers']}, wanted none"
    app = [container["name"] for container in pod_of(manifests)["spec"]["initContainers"]]
    assert app == ["cloud-sql-proxy", "wait"], f"Deployment: {app}"


@pytest.mark.parametrize("kind", KINDS)
def test_jobs_variables_win_in_their_place(kind: str) -> None:
    """A variable of the app that refers to one of them finds the Job's value above it."""
    secret = {"valueFrom": {"secretKeyRef": {"name": "owner", "key": "password"}}}
    own = {"DATABASE_USER": "owner", "DATABASE_PASSWORD": secret, "TZ": "UTC"}
    manifests = manifests_of({"env": own})
    entries = pod_in(kind, manifests)["spec"]["containers"][0]["env"]
    app = pod_of(manifests)["spec"]["containers"][0]["env"]
    changed = [
        {"name": "DATABASE_USER", "value": "owner"} if entry["name"] == "DATABASE_USER" else entry
        for entry in app
    ]
    added = [{"name": "DATABASE_PASSWORD"} | secret, {"name": "TZ", "value": "UTC"}]
    assert entries == changed + added, f"{kind}: env {entries}"
    values = {entry["name"]: entry.get("value") for entry in app}
    assert values["DATABASE_USER"] == "app", f"Deployment: env {values}"


@pytest.mark.parametrize("kind", KINDS)
def test_job_can_leave_the_mesh(kind: str) -> None:
    labels, annotations = {"sidecar.istio.io/inject": "false"}, {"linkerd.io/inject": "disabled"}
    manifests = manifests_of({"labels": labels, "annotations": annotations})
    found, app = pod_in(kind, manifests)["metadata"], pod_of(manifests)["metadata"]
    for place, own in (("labels", labels), ("annotations", annotations)):
        shared = SHARED["podLabels" if place == "labels" else "podAnnotations"]
        assert (shared | own).items() <= found[place].items(), f"{kind}: {place} {found[place]}"
        assert shared.items() <= app[place].items(), f"Deployment: {place} {app[place]}"


def test_pod_of_helm_test_can_leave_the_mesh() -> None:
    own = {"labels": {"sidecar.istio.io/inject": "false"}, "annotations": {"mesh": "off"}}
    (pod,) = of_kind(render({"tests": own}), "Pod")
    (default,) = of_kind(render(), "Pod")
    for place, wanted in own.items():
        found = pod["metadata"][place]
        assert found == default["metadata"][place] | wanted, f"Pod: {place} {found}"


def test_documented_proxy_runs_in_the_migrations() -> None:
    manifests = render(
        documented_values("chart.md", "## Jobs with sidecars, and in a service mesh")
    )
    names = [sidecar["name"] for sidecar in pod_in("Job", manifests)["spec"]["initContainers"]]
    assert names == ["cloud-sql-proxy"], f"Job: sidecars {names}"
    faults = [said for manifest in manifests if (said := fault(manifest, supported_minors()[-1]))]
    assert not faults, f"docs/chart.md: {faults}"


def test_name_of_a_sidecar_that_a_job_leaves_out_is_free() -> None:
    job = {"enabled": True, "command": ["x"], "sidecars": False}
    values = {"migrations": job, "sidecars": [{"name": "migrations", "image": "x"}]}
    (sentences,) = template_refusals([values])
    assert not sentences, f"refused with {sentences}"
