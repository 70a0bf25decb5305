"""No upgrade by Helm 3 or Helm 4 removes a pod that the HPA wants.

Each test runs for both at the same time, because an HPA acts only every 15 seconds.
"""

import shutil
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.conftest import Install
from tests.e2e.release import FULL_NAME, Release
from tests.e2e.replica_watch import recorded_replicas, wanted_pods
from tests.support.repository import CHART
from tests.support.waiting import wait_until

HELMS = ("helm4", "helm3")
PODS = 2
SMALL = {"drainSeconds": 1, "resources": {"requests": {"cpu": "50m"}}}
FIXED: dict[str, Any] = SMALL | {"autoscaling": {"enabled": False}, "replicaCount": PODS}
# The minimum is the current number, so that the HPA itself removes no pod.
SCALED: dict[str, Any] = SMALL | {"autoscaling": {"minReplicas": PODS, "maxReplicas": 5}}
NAIVE = SCALED | {"replicaCount": 1}
MORE: dict[str, Any] = SMALL | {"autoscaling": {"minReplicas": PODS + 1, "maxReplicas": 5}}
REPLICAS_BLOCK = "  {{- with $replicas }}\n  replicas: {{ . }}\n  {{- end }}\n"

Releases = dict[str, list[Release]]


def event_messages(release: Release, reason: str) -> list[str]:
    """Returns the messages of the namespace's events with this reason."""
    form = "--output=jsonpath={range .items[*]}{.message}{'\\n'}{end}"
    return release.kubectl("get", "events", f"--field-selector=reason={reason}", form).splitlines()


def for_each(releases: list[Release], check: Callable[[Release], None]) -> None:
    with ThreadPoolExecutor(len(releases)) as pool:
        list(pool.map(check, releases))


def naive_chart(folder: Path) -> Path:
    """Copies the chart and puts `replicas` in every manifest."""
    chart = folder / CHART.name
    shutil.copytree(CHART, chart)
    template = chart / "templates" / "deployment.yaml"
    text = template.read_text()
    assert REPLICAS_BLOCK in text, f"{template.name}: renders replicas in another way"
    template.write_text(text.replace(REPLICAS_BLOCK, "  replicas: {{ .Values.replicaCount }}\n"))
    return chart


@pytest.fixture(scope="module")
def releases(install: Install, tmp_path_factory: pytest.TempPathFactory) -> Releases:
    """Installs a release of each Helm, and returns both by name."""
    naive = naive_chart(tmp_path_factory.mktemp("naive"))
    wanted: dict[str, dict[str, Any]] = {
        "hpa-always": {"values": SCALED},
        "hpa-switch": {"values": FIXED},
        "hpa-naive": {"values": NAIVE, "chart": (str(naive),)},
    }
    with ThreadPoolExecutor(len(HELMS) * len(wanted)) as pool:
        started = {
            name: [
                pool.submit(install, f"{name}-{helm}", program=helm, **options) for helm in HELMS
            ]
            for name, options in wanted.items()
        }
        return {name: [future.result() for future in both] for name, both in started.items()}


def test_an_upgrade_keeps_the_number_that_the_hpa_chose(releases: Releases) -> None:
    """This release had an HPA from the start, so it began with one pod."""

    def check(release: Release) -> None:
        rescales = event_messages(release, "SuccessfulRescale")
        assert rescales, f"{release.namespace}: its HPA never changed spec.replicas"
        with recorded_replicas(release) as seen:
            replace(release, values=SCALED | {"podAnnotations": {"again": "1"}}).install()
        assert set(seen) == {PODS}, f"{release.namespace}: replicas went through {seen}"

    for_each(releases["hpa-always"], check)


def test_an_upgrade_keeps_the_number_when_helm_4_follows_helm_3(releases: Releases) -> None:
    (release,) = [release for release in releases["hpa-always"] if release.program == "helm3"]
    values = SCALED | {"podAnnotations": {"again": "2"}}
    with recorded_replicas(release) as seen:
        replace(release, program="helm", values=values).install()
    assert set(seen) == {PODS}, f"{release.namespace}: replicas went through {seen}"


def test_switching_the_hpa_on_keeps_every_pod(releases: Releases) -> None:
    def check(release: Release) -> None:
        before = {pod.name for pod in release.pods()}
        with recorded_replicas(release) as seen:
            replace(release, values=SCALED).install()
        assert set(seen) == {PODS}, f"{release.namespace}: replicas went through {seen}"
        after = {pod.name for pod in release.pods()}
        assert after == before, f"{release.namespace}: pods were {before}, are {after}"
        assert release.live("hpa", FULL_NAME), f"{release.namespace}: no HPA/{FULL_NAME}"

    for_each(releases["hpa-switch"], check)


def test_an_upgrade_after_the_hpa_scaled_keeps_its_number(releases: Releases) -> None:
    """The HPA scales through the scale subresource, then an upgrade follows."""

    def check(release: Release) -> None:
        scaled = replace(release, values=MORE)
        scaled.install()
        what = f"the HPA of {release.namespace} scaling to its minimum"
        wait_until(lambda: wanted_pods(release) == PODS + 1, 90, what)
        assert event_messages(release, "SuccessfulRescale"), (
            f"{release.namespace}: no event of its HPA"
        )
        with recorded_replicas(release) as seen:
            replace(scaled, values=MORE | {"deploymentAnnotations": {"again": "1"}}).install()
        assert set(seen) == {PODS + 1}, f"{release.namespace}: replicas went through {seen}"

    for_each(releases["hpa-switch"], check)


def test_replicas_in_every_manifest_conflict_with_the_hpa(releases: Releases) -> None:
    """In the control Helm 3 removes the HPA's pods, and Helm 4 stops with a conflict."""
    for release in releases["hpa-naive"]:
        refusal = ""
        with recorded_replicas(release) as seen:
            try:
                replace(release, values=NAIVE | {"podAnnotations": {"a": "1"}}).upgrade()
            except AssertionError as error:
                refusal = str(error)
        if release.program == "helm3":
            assert min(seen) == 1, f"{release.namespace}: Helm 3 left {seen}, with {refusal!r}"
        else:
            assert ".spec.replicas" in refusal, f"{release.namespace}: {seen}, {refusal!r}"
            assert "conflict" in refusal, f"{release.namespace}: {refusal!r}"


def test_taking_replicas_out_of_the_manifest_drops_pods(install: Install) -> None:
    """The control lacks the annotation that remembers the rendered number."""
    control = install("hpa-switch-control", values=FIXED)
    wait_until(lambda: len(control.pods()) == PODS, 60, f"{PODS} pods")
    control.kubectl("annotate", "deployment", FULL_NAME, "uvicorn-pod/replicas-")
    with recorded_replicas(control) as seen:
        replace(control, values=SCALED).upgrade()
    assert min(seen) < PODS, f"the control kept its pods: {seen}"
