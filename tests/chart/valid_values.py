"""Valid value sets, drawn by hypothesis: each sets some values and keeps the other defaults."""

import json
from functools import cache
from typing import Any

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from tests.chart.changed_values import CHANGED
from tests.chart.trees import Tree, merged, tree

Flat = dict[str, Any]
DIGEST = "sha256:" + "e" * 64
NAMES = st.sampled_from(["shop", "api", "a1", "x"])
SECONDS = st.integers(0, 3599)
TEXTS = st.dictionaries(NAMES, st.text("abc xyz:{}#'\"\\é\n", max_size=9), max_size=2)
# Values that are valid only together with certain others. The groups below draw them.
DRAWN_WITH_CARE = {
    "app", "autoscaling", "drainSeconds", "enabled", "extraObjects", "fullnameOverride", "image",
    "cronJobs", "lifespanSeconds", "metrics", "migrations", "nameOverride", "networkPolicy",
    "podDisruptionBudget", "probes", "proxy", "replicaCount", "resources", "rollingUpdate",
    "retire", "runtime", "service", "serviceAccount", "tests", "threadTokens", "uvicorn",
}  # fmt: skip


@st.composite
def identity(draw: st.DrawFn) -> Flat:
    pin = draw(st.sampled_from([{}, {"image.tag": "1.2.3"}, {"image.digest": DIGEST}]))
    name = draw(st.sampled_from(["", "shop", "a" * 58]))
    whole = draw(st.sampled_from(["", "", "b" * 58]))
    flat: Flat = pin | {
        "nameOverride": name,
        "fullnameOverride": whole,
        "app": f"{draw(NAMES)}.main:app",
    }
    if len(name + whole) < 20:  # otherwise a CronJob's name would be too long
        flat["cronJobs"] = draw(st.sampled_from([[], CHANGED["cronJobs"]]))
    return flat


@st.composite
def times(draw: st.DrawFn) -> Flat:
    proxy = draw(st.integers(0, 600))
    return {
        "drainSeconds": draw(SECONDS),
        "lifespanSeconds": draw(st.integers(1, 3600)),
        "uvicorn.timeoutGracefulShutdown": draw(st.integers(1, 3600)),
        "uvicorn.timeoutKeepAlive": draw(st.integers(proxy + 1, 3600)),
        "proxy.keepAliveSeconds": proxy,
        "probes.startup.periodSeconds": draw(st.integers(1, 30)),
        "probes.startup.failureThreshold": draw(st.integers(1, 3600)),
        "minReadySeconds": draw(SECONDS),
    }


@st.composite
def scaling(draw: st.DrawFn) -> Flat:
    lowest = draw(st.integers(1, 20))
    percent = draw(st.integers(1, 200))
    limit = draw(st.sampled_from(["", "1", 2, "1500m", "300m"]))
    most = {"": 99_000, "1": 1000, 2: 2000, "1500m": 1500, "300m": 300}[limit]
    # Below the HPA's bound with its tolerance of a tenth, and not above the limit.
    millicores = draw(st.integers(1, min(most, (min(most, 1000) * 100 - 1) * 10 // 11 // percent)))
    surge = draw(st.sampled_from([0, 1, 3, "0%", "25%", "100%"]))
    away = st.sampled_from([1, 2, "10%"] if surge in {0, "0%"} else [0, 1, "0%", "50%"])
    return {
        "autoscaling.enabled": draw(st.booleans()),
        "autoscaling.minReplicas": lowest,
        "autoscaling.maxReplicas": draw(st.integers(lowest, 50)),
        "autoscaling.targetCPUUtilizationPercentage": percent,
        "replicaCount": draw(st.integers(0, 50)),
        "resources.requests.cpu": draw(st.sampled_from([f"{millicores}m", millicores / 1000])),
        "resources.limits.cpu": limit,
        "rollingUpdate.maxSurge": surge,
        "rollingUpdate.maxUnavailable": draw(away),
        "podDisruptionBudget.enabled": draw(st.booleans()),
        "podDisruptionBudget.maxUnavailable": draw(st.sampled_from([1, 3, "1%", "50%", "100%"])),
    }


@st.composite
def network(draw: st.DrawFn) -> Flat:
    port = draw(st.sampled_from([80, 1023, 1024, 8000, 65535]))
    kind = draw(st.sampled_from(["ClusterIP", "NodePort", "LoadBalancer"]))
    outside: Flat = {}
    if kind != "ClusterIP":
        outside["service.nodePort"] = draw(st.sampled_from([0, 30099]))
        outside["service.externalTrafficPolicy"] = draw(st.sampled_from(["", "Local", "Cluster"]))
    trusted = draw(st.sampled_from(["127.0.0.1", "10.0.0.0/8,::1", "*"]))
    return outside | {
        "uvicorn.port": port,
        "uvicorn.host": draw(st.sampled_from(["0.0.0.0", "::", ""])),  # noqa: S104 - the pod's
        "management.port": draw(st.integers(1024, 65535).filter(lambda other: other != port)),
        "service.type": kind,
        "service.headless": kind == "ClusterIP" and draw(st.booleans()),
        "service.port": draw(st.integers(1, 65535)),
        "uvicorn.forwardedAllowIps": trusted,
        "uvicorn.trustEveryProxy": trusted == "*" or draw(st.booleans()),
        "networkPolicy.enabled": draw(st.booleans()),
        "networkPolicy.restrictEgress": draw(st.booleans()),
    }


@st.composite
def runtimes(draw: st.DrawFn) -> Flat:
    runtime = draw(st.sampled_from(["uvicorn-pod", "uvicorn", "image"]))
    flat: Flat = {"runtime": runtime}
    if runtime == "uvicorn-pod":
        monitor = draw(st.sampled_from(["podMonitor", "serviceMonitor", "service"]))
        parts = [monitor, *draw(st.sampled_from([[], ["prometheusRule"], ["dashboard"]]))]
        latency = draw(st.sampled_from([0.005, 0.5, 1, 10]))
        share = draw(st.floats(93.1, 99.999))
        flat["metrics.prometheusRule.latencySeconds"] = latency
        flat["metrics.prometheusRule.availabilityPercent"] = share
        flat["threadTokens"] = draw(st.sampled_from([0, 80]))
        flat["uvicorn.requestSeconds"] = draw(st.sampled_from([0, 0.5, 30]))
        flat["uvicorn.bodySeconds"] = draw(st.sampled_from([0, 2.5]))
        flat["retire.memoryPercent"] = draw(st.sampled_from([0, 85]))
        flat["networkPolicy.monitoring"] = CHANGED["networkPolicy.monitoring"]
        return flat | {f"metrics.{part}.enabled": True for part in parts}
    for probe in ("startup", "readiness"):
        flat[f"probes.{probe}.path"] = draw(st.sampled_from(["/", "/health"]))
    flat["probes.liveness.path"] = draw(st.sampled_from(["", "/alive"]))
    flat["probes.host"] = draw(st.sampled_from(["", "shop.example"]))
    return flat


@st.composite
def others(draw: st.DrawFn) -> Flat:
    """Some of the values that are valid with any others, changed as in test_values.py."""
    free = [name for name in CHANGED if name.split(".")[0] not in DRAWN_WITH_CARE]
    chosen = draw(st.lists(st.sampled_from(free), max_size=8, unique=True))
    needs: Flat = {
        "volumes": CHANGED["volumes"],  # otherwise a mount would have no volume
        "ingress.hosts": CHANGED["ingress.hosts"],
        "httpRoute.parentRefs": [{"name": "g"}],
    }
    return needs | {name: CHANGED[name] for name in chosen} | {"env": draw(TEXTS)}


@st.composite
def jobs(draw: st.DrawFn) -> Flat:
    create = draw(st.booleans())
    return {
        "serviceAccount.create": create,
        "serviceAccount.annotations": draw(TEXTS) if create else {},
        "serviceAccount.name": draw(st.sampled_from(["", "sentinel"])),
        "serviceAccount.automount": draw(st.booleans()),
        "migrations.enabled": draw(st.booleans()),
        "migrations.when": draw(st.sampled_from(["before", "after"])),
        "migrations.command": draw(st.sampled_from([["migrate"], ["python", "-m", "migrate"]])),
        "verticalPodAutoscaler.enabled": draw(st.booleans()),
    }


@st.composite
def value_sets(draw: st.DrawFn) -> Tree:
    values: Tree = {}
    for group in (identity, times, scaling, network, runtimes, jobs, others):
        values = merged(values, tree(draw(group())))
    return values


@cache
def valid_sets(count: int) -> list[Tree]:
    """About this many different sets, the same ones in every run."""
    found: dict[str, Tree] = {}

    @settings(
        max_examples=count,
        derandomize=True,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(value_sets())
    def collect(values: Tree) -> None:
        found[json.dumps(values, sort_keys=True)] = values

    collect()
    assert len(found) >= count * 0.95, f"only {len(found)} of {count} sets differ"
    return list(found.values())
