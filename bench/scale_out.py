"""Where the time goes between a load and each additional ready pod, and what more pods answer."""

import time
from itertools import pairwise
from statistics import median
from typing import Any

from bench import pod_times, releases, wrk
from bench.bar_chart import Bar, BarChart, Group
from bench.containers import versions
from bench.five_servers import IMAGE, OURS, PACKAGES, SERVERS
from bench.pod_times import CREATED, READY, SCHEDULED, STARTED
from bench.record import Findings, Table
from tests.e2e.release import FULL_NAME, Release
from tests.support.load import load
from tests.support.waiting import wait_until

PORT, FIXED_PORT = 8081, 8082
MOST_PODS = 4
CLIENTS = 16
PATH = "/burn?ms=20"
UP_SECONDS = 120
FIXED_PODS = range(1, 7)
CPU = "200m"
THROUGHPUT_SECONDS = 4
STAGES = ("metric", "decision", "creation", "scheduling", "start", "ready")
# 60 % of the request of 100m: from there on the HPA wants a second pod.
TARGET_MILLICORES = 60


def _scaling() -> dict[str, Any]:
    ours = next(server for server in SERVERS if server.name == OURS)
    autoscaling = {"enabled": True, "minReplicas": 1, "maxReplicas": MOST_PODS}
    fixed = releases.values(ours)
    del fixed["replicaCount"]
    return fixed | {"autoscaling": autoscaling, "resources": {"requests": {"cpu": "100m"}}}


def _fixed() -> dict[str, Any]:
    ours = next(server for server in SERVERS if server.name == OURS)
    resources = {"requests": {"cpu": "50m"}, "limits": {"cpu": CPU}}
    return releases.values(ours) | {"replicaCount": 1, "resources": resources}


def _step(release: Release) -> list[dict[str, float]]:
    """Returns, for each additional pod in the order of readiness, the seconds of each stage."""
    before = {pod.name for pod in release.pods()}
    with (
        pod_times.watched(release) as seen,
        pod_times.first_metric(release, TARGET_MILLICORES) as metric,
    ):
        with load(PORT, PATH, CLIENTS):
            begun = time.monotonic()
            wait_until(
                lambda: release.ready_pods() == MOST_PODS, UP_SECONDS, f"{MOST_PODS} pods ready"
            )
        time.sleep(1)  # the watch may be behind
        decisions = [moment for moment in seen.pop(FULL_NAME).values() if moment > begun]
    pods = [each for name, each in seen.items() if name not in before and READY in each]
    in_order = sorted(pods, key=lambda one: one[READY])
    return [_stages(begun, metric[0], decisions, each) for each in in_order]


def _stages(
    begun: float, metric: float, decisions: list[float], pod: dict[str, float]
) -> dict[str, float]:
    # Two watches tell of the decision and of the pod, so the first may come a moment later.
    decided = max(moment for moment in decisions if moment <= pod[CREATED] + 0.5)
    moments = [begun, metric, decided, pod[CREATED], pod[SCHEDULED], pod[STARTED], pod[READY]]
    return dict(zip(STAGES, (max(0.0, b - a) for a, b in pairwise(moments)), strict=True))


def _throughput(release: Release) -> dict[int, float]:
    """Returns the number of pods → answers per second, each pod limited to a fifth of a core."""
    rates = {}
    for pods in FIXED_PODS:
        release.kubectl("scale", f"deployment/{FULL_NAME}", f"--replicas={pods}")
        wait_until(lambda: release.ready_pods() == pods, 60, f"{pods} pods")  # noqa: B023
        time.sleep(1)  # the nodes learn of a pod a moment after it is ready
        measured = wrk.measure(FIXED_PORT, PATH, seconds=THROUGHPUT_SECONDS, connections=48)
        rates[pods] = measured.rate
    return rates


def measure() -> Findings:
    """Takes about three minutes."""
    IMAGE.provide()
    wanted = (("scale-out", PORT, _scaling()), ("fixed", FIXED_PORT, _fixed()))
    with releases.installed(*wanted) as (scaling, fixed):
        rates = _throughput(fixed)
        fixed.kubectl("scale", f"deployment/{FULL_NAME}", "--replicas=0")
        pods = _step(scaling)
    return _findings(pods, rates)


def _findings(pods: list[dict[str, float]], rates: dict[int, float]) -> Findings:
    rows = [
        [f"additional pod {number}", *(f"{each[stage]:.1f} s" for stage in STAGES),
         f"{sum(each.values()):.1f} s"]
        for number, each in enumerate(pods, start=1)
    ]  # fmt: skip
    shares = {count: rate / (count * rates[1]) for count, rate in rates.items()}
    throughput = [
        [str(count), f"{rate:.1f}/s", f"{shares[count]:.2f}"] for count, rate in rates.items()
    ]
    medians = {stage: median(each[stage] for each in pods) for stage in STAGES}
    bars = [Bar(stage, seconds, f"{seconds:.1f} s") for stage, seconds in medians.items()]
    first = sum(pods[0].values())
    waited = pods[0]["metric"] + pods[0]["decision"]
    least, most = min(shares.values()), max(shares.values())
    return Findings(
        [
            Table("From the step of the load to a ready pod", ["", *STAGES, "in all"], rows),
            Table(
                f"Answers per second of pods that are limited to {CPU}",
                ["pods", "answers", "share of linear scaling"],
                throughput,
            ),
        ],
        BarChart(
            f"The first additional pod is ready {first:.0f} s after the load; metric and decision "
            f"take {waited:.0f} s of it",
            "median seconds of the additional pods",
            [Group("stage", bars)],
        ),
        counts={
            "1 to 6 pods of 200m": "linear within 10 %"
            if least >= 0.9 and most <= 1.1
            else "not linear within 10 %"
        },
        versions=versions(IMAGE.reference, PACKAGES),
    )
