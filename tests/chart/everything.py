"""Value sets with everything on at once: the changes of changed_values.py, as far as they agree."""

from typing import Any

from tests.chart.changed_values import CHANGED
from tests.chart.trees import Tree, tree

# Changes that name what does not exist, turn something off, or conflict with another.
REAL: dict[str, Any] = {
    "runtime": "uvicorn-pod",
    "env": {"PLAIN": "x"},
    "commonLabels": {"team": "x"},
    "image.digest": "",
    "tests.image.digest": "",
    "probes.startup.path": "",
    "probes.readiness.path": "",
    "probes.liveness.path": "",
    "probes.host": "",
    "proxy.keepAliveSeconds": 60,
    "gzip.enabled": True,
    "rollingUpdate.maxUnavailable": "50%",
    "autoscaling.enabled": True,
    "autoscaling.metrics": [
        {
            "type": "Resource",
            "resource": {"name": "memory", "target": {"type": "AverageValue", "averageValue": "1"}},
        }
    ],
    "podDisruptionBudget.enabled": True,
    "service.headless": False,
    "metrics.serviceMonitor.enabled": False,
    "serviceAccount.create": True,
    "extraObjects": [{"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "x"}}],
    "tests.enabled": True,
}
# What Kubernetes 1.30 has not, nor takes.
NEWER = ("resizePolicy", "service.trafficDistribution")
FLAT: dict[str, Any] = {
    name: value for name, value in (CHANGED | REAL).items() if name not in NEWER
}
HEADLESS: dict[str, Any] = {
    "service.type": "ClusterIP",
    "service.nodePort": 0,
    "service.externalTrafficPolicy": "",
    "service.headless": True,
    "metrics.podMonitor.enabled": False,
    "metrics.serviceMonitor.enabled": True,
    "autoscaling.enabled": False,
    "migrations.when": "before",
}
PLAIN: dict[str, Any] = {
    "runtime": "image",
    "networkPolicy.monitoring": [],
    "serviceAccount.create": False,
    "serviceAccount.annotations": {},
    **{f"probes.{probe}.path": "/" for probe in ("startup", "readiness", "liveness")},
    **{
        f"metrics.{part}.enabled": False
        for part in ("podMonitor", "service", "serviceMonitor", "prometheusRule", "dashboard")
    },
}
# One set where they can be one, and what it leaves out in two more.
EVERYTHING: dict[str, Tree] = {
    "everything": tree(FLAT),
    "everything, headless": tree(FLAT | HEADLESS),
    "everything, own image": tree(FLAT | PLAIN),
}
# From these on, the default of its feature gates lets Kubernetes keep the field.
SINCE: dict[str, dict[str, Any]] = {
    "1.31": {"service.trafficDistribution": "PreferClose"},
    "1.33": {"resizePolicy": CHANGED["resizePolicy"]},
    "1.34": {"service.trafficDistribution": "PreferSameZone"},
    "1.35": {"autoscaling.behavior": {"scaleDown": {"tolerance": "0.2"}}},
}
