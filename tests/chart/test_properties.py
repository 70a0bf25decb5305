"""Properties of every valid value set: more than 500 sets, drawn by hypothesis."""

from itertools import cycle, product
from math import ceil
from typing import Any

import pytest

from tests.chart.documented_values import defaults
from tests.chart.manifests import (
    Manifest,
    app_of,
    env_of,
    of_kind,
    one,
    pod_of,
    pod_templates,
    pods_of,
    title,
)
from tests.chart.trees import Tree, at, merged, tree
from tests.chart.umbrella import rendered, template_refusals
from tests.chart.valid_values import valid_sets

DRAWN = 540
WANTED = 500
BUDGET = "podDisruptionBudget"

Case = tuple[Tree, list[Manifest]]


@pytest.fixture(scope="module")
def cases() -> list[Case]:
    """Each drawn set, merged over the defaults, with the objects that it renders."""
    sets = valid_sets(DRAWN)
    assert len(sets) >= WANTED, f"{len(sets)} sets, wanted {WANTED}"
    complete = [merged(defaults(), values) for values in sets]
    return list(zip(complete, rendered(sets), strict=True))


def selector(manifests: list[Manifest]) -> dict[str, str]:
    labels: dict[str, str] = one(manifests, "Deployment")["spec"]["selector"]["matchLabels"]
    return labels


def users_service(manifests: list[Manifest]) -> Manifest:
    """The Service for users. Services for scrapers have a component label."""
    services = of_kind(manifests, "Service")
    label = "app.kubernetes.io/component"
    (found,) = [service for service in services if label not in service["metadata"]["labels"]]
    return found


def test_every_valid_set_renders_a_deployment_and_a_service(cases: list[Case]) -> None:
    for values, manifests in cases:
        assert one(manifests, "Deployment"), f"{values}: no Deployment"
        assert users_service(manifests), f"{values}: no Service"


def test_grace_period_is_the_sum_of_its_parts(cases: list[Case]) -> None:
    parts = ["drainSeconds", "uvicorn.timeoutGracefulShutdown", "lifespanSeconds"]
    for values, manifests in cases:
        wanted = 5 + sum(at(values, name) for name in parts)
        found = pod_of(manifests)["spec"]["terminationGracePeriodSeconds"]
        assert found == wanted, f"grace {found}, wanted {wanted}: {values}"


def test_progress_deadline_leaves_a_pod_enough_time(cases: list[Case]) -> None:
    for values, manifests in cases:
        probe = at(values, "probes.startup")
        needed = probe["periodSeconds"] * probe["failureThreshold"] + values["minReadySeconds"]
        found = one(manifests, "Deployment")["spec"]["progressDeadlineSeconds"]
        assert found == max(600, needed + 60), f"{found} s for {needed} s: {values}"


def test_replicas_are_never_rendered_with_an_hpa(cases: list[Case]) -> None:
    for values, manifests in cases:
        has_hpa = bool(of_kind(manifests, "HorizontalPodAutoscaler"))
        has_replicas = "replicas" in one(manifests, "Deployment")["spec"]
        wanted = at(values, "autoscaling.enabled")
        assert (has_hpa, has_replicas) == (wanted, not wanted), f"HPA {has_hpa}: {values}"


def cores(quantity: object) -> float:
    text = str(quantity)
    return float(text[:-1]) / 1000 if text.endswith("m") else float(text)


def test_every_hpa_can_scale_up(cases: list[Case]) -> None:
    seen = 0
    for values, manifests in cases:
        for hpa in of_kind(manifests, "HorizontalPodAutoscaler"):
            seen += 1
            metric = hpa["spec"]["metrics"][0]["containerResource"]
            percent = metric["target"]["averageUtilization"]
            resources = app_of(manifests)["resources"]
            request = cores(resources["requests"]["cpu"])
            most = min(1, cores(resources["limits"].get("cpu", "1")))
            # The HPA acts from a tenth above its target. A process never uses more than a core.
            assert 0 < request * percent / 100 * 1.1 < most, f"{request} at {percent} %: {values}"
    assert seen > WANTED / 4, f"only {seen} HPAs were drawn"


def test_no_budget_protects_pods_that_are_not_ready(cases: list[Case]) -> None:
    seen = 0
    for values, manifests in cases:
        for budget in of_kind(manifests, "PodDisruptionBudget"):
            seen += 1
            spec = budget["spec"]
            assert "minAvailable" not in spec, f"minAvailable: {values}"
            assert spec["unhealthyPodEvictionPolicy"] == "AlwaysAllow", f"{spec}: {values}"
    assert seen > WANTED / 4, f"only {seen} budgets were drawn"


def test_budget_is_refused_exactly_when_it_blocks_a_drain() -> None:
    """Kubernetes rounds a percentage of pods up, so only zero blocks."""
    drawn = list(product((True, False), (0, 1, 7, "0%", "00%", "1%", "100%")))
    sets = [
        merged(values, tree({f"{BUDGET}.enabled": is_on, f"{BUDGET}.maxUnavailable": away}))
        for values, (is_on, away) in zip(valid_sets(DRAWN)[:100], cycle(drawn), strict=False)
    ]
    refused = 0
    for values, sentences in zip(sets, template_refusals(sets), strict=True):
        budget = values[BUDGET]
        blocks = budget["enabled"] and int(str(budget["maxUnavailable"]).removesuffix("%")) == 0
        refused += blocks
        is_refused = any(f"{BUDGET}.maxUnavailable" in sentence for sentence in sentences)
        assert is_refused == blocks, f"said {sentences} about {budget}"
    assert refused > 10, f"only {refused} budgets that block were drawn"


def test_budget_that_keeps_pods_is_refused_exactly_when_no_pod_may_go() -> None:
    minimums: tuple[int | str, ...] = (1, 2, 3, "1%", "34%", "50%", "51%", "67%", "90%", "99%")
    drawn = list(product((1, 2, 3, 10), minimums))
    sets = [
        tree({"autoscaling.minReplicas": count, f"{BUDGET}.minAvailable": kept})
        for count, kept in drawn
    ]
    refused = 0
    for (count, kept), sentences in zip(drawn, template_refusals(sets), strict=True):
        # Kubernetes rounds a percentage of pods up.
        share = kept if isinstance(kept, int) else ceil(int(kept.rstrip("%")) * count / 100)
        refused += share >= count
        is_refused = any(f"{BUDGET}.minAvailable" in sentence for sentence in sentences)
        assert is_refused == (share >= count), f"said {sentences} about {kept} of {count}"
    assert 10 < refused < 30, f"{refused} of {len(drawn)} budgets keep every pod"


def test_every_selector_is_name_and_instance(cases: list[Case]) -> None:
    for values, manifests in cases:
        found = selector(manifests)
        names = {"app.kubernetes.io/name", "app.kubernetes.io/instance"}
        assert set(found) == names, f"selector {found}: {values}"
        labels = pod_of(manifests)["metadata"]["labels"]
        assert found.items() <= labels.items(), f"pods have {labels}: {values}"
        for kind in ("Service", "PodDisruptionBudget"):
            for manifest in of_kind(manifests, kind):
                inner = manifest["spec"]["selector"]
                others = inner.get("matchLabels", inner)
                assert others == found, f"{title(manifest)} selects {others}: {values}"


def test_no_upgrade_changes_the_selector(cases: list[Case]) -> None:
    """The upgrade is to a later chart and app. All values except for names are another set's."""
    sets = valid_sets(DRAWN)
    names = ("nameOverride", "fullnameOverride")
    later = [
        other | {name: values[name] for name in names} | {"cronJobs": []}  # their names may not fit
        for values, other in zip(sets, sets[1:] + sets[:1], strict=True)
    ]
    upgraded = rendered(later, "9.9.9", templates=("deployment.yaml", "service.yaml"))
    for (values, before), after in zip(cases, upgraded, strict=True):
        for part in (lambda all_of_it: one(all_of_it, "Deployment"), users_service):
            titles = [title(part(found)) for found in (before, after)]
            assert titles[0] == titles[1], f"an upgrade renames {titles}, {values}"
        found = selector(before), selector(after)
        assert found[0] == found[1], f"selector {found}: {values}"


def test_no_test_or_job_pod_matches_the_selector(cases: list[Case]) -> None:
    owners: set[str] = set()
    for values, manifests in cases:
        for owner, pod in pod_templates(manifests):
            owners.add(owner.split("/")[0])
            is_app = owner.startswith("Deployment/")
            matches = selector(manifests).items() <= pod["metadata"]["labels"].items()
            assert matches == is_app, f"{owner}: {pod['metadata']['labels']}, {values}"
    assert owners == {"Deployment", "Pod", "Job", "CronJob"}, f"drew only {owners}"


def test_every_pod_is_restricted(cases: list[Case]) -> None:
    for values, manifests in cases:
        for owner, pod in pods_of(manifests):
            context: dict[str, Any] = pod["securityContext"]
            assert context["runAsNonRoot"] is True, f"{owner}: {context}, {values}"
            assert context["seccompProfile"] == {"type": "RuntimeDefault"}, f"{owner}: {values}"
            for container in pod["containers"] + pod.get("initContainers", []):
                rights = container["securityContext"]
                assert rights["allowPrivilegeEscalation"] is False, f"{owner}: {rights}, {values}"
                assert rights["capabilities"]["drop"] == ["ALL"], f"{owner}: {rights}, {values}"
                assert rights["readOnlyRootFilesystem"] is True, f"{owner}: {rights}, {values}"


def test_environment_has_one_process_and_the_users_variables(cases: list[Case]) -> None:
    for values, manifests in cases:
        env = env_of(manifests)
        found = env["WEB_CONCURRENCY"], env["UVICORN_WORKERS"]
        assert found == ("1", "1"), f"processes {found}: {values}"
        for name, value in values["env"].items():
            assert env[name] == value, f"env.{name} is {env[name]!r}, wanted {value!r}"


def test_users_service_never_has_the_management_port(cases: list[Case]) -> None:
    for values, manifests in cases:
        service = users_service(manifests)
        ports = [port["targetPort"] for port in service["spec"]["ports"]]
        assert ports == ["http"], f"{title(service)}: ports {ports}, {values}"
