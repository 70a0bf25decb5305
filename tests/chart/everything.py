"""Value sets that turn everything on: all changes of changed_values.py that work together."""

from typing import Any

from tests.chart.changed_values import CHANGED, WITHOUT_UVICORN_POD
from tests.chart.trees import Tree, tree

# Replacements for changes that name a missing object, turn something off, or conflict.
REAL: dict[str, Any] = {
    "runtime": "uvicorn-pod",
    "env": {"PLAIN": "x"},
    "commonLabels": {"team": "x"},
    "image.digest": "",
    "uvicorn.host": "",
    "tests.image.digest": "",
    "probes.startup.path": "",
    "probes.readiness.path": "",
    "probes.liveness.path": "",
    "probes.host": "",
    "proxy.keepAliveSeconds": 60,
    "gzip.enabled": True,
    "strategy": "RollingUpdate",
    "rollingUpdate.maxUnavailable": "50%",
    "autoscaling.enabled": True,
    "autoscaling.engine": "hpa",
    "autoscaling.triggers": [],
    "autoscaling.metrics": [
        {
            "type": "Resource",
            "resource": {"name": "memory", "target": {"type": "AverageValue", "averageValue": "1"}},
        }
    ],
    "podDisruptionBudget.enabled": True,
    "podDisruptionBudget.minAvailable": "",
    "service.headless": False,
    "metrics.serviceMonitor.enabled": False,
    "serviceAccount.create": True,
    "migrations.sidecars": True,
    "extraObjects": [{"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "x"}}],
    "tests.enabled": True,
}
# Values that Kubernetes 1.30 does not have.
NEWER = ("resizePolicy", "service.trafficDistribution")
FLAT: dict[str, Any] = {
    name: value for name, value in (CHANGED | REAL).items() if name not in NEWER
}
HEADLESS: dict[str, Any] = {
    "service.type": "ClusterIP",
    "service.nodePort": 0,
    "service.externalTrafficPolicy": "",
    "service.loadBalancerClass": "",
    "service.loadBalancerSourceRanges": [],
    "service.headless": True,
    "metrics.podMonitor.enabled": False,
    "metrics.serviceMonitor.enabled": True,
    "autoscaling.enabled": False,
    "migrations.when": "before",
}
PLAIN: dict[str, Any] = {
    "runtime": "image",
    "strategy": "Recreate",
    "podDisruptionBudget.maxUnavailable": "",
    "podDisruptionBudget.minAvailable": "50%",
    **WITHOUT_UVICORN_POD,
    "serviceAccount.create": False,
    "serviceAccount.annotations": {},
    **{f"probes.{probe}.path": "/" for probe in ("startup", "readiness", "liveness")},
}
KEDA: dict[str, Any] = {
    "autoscaling.engine": "keda",
    "autoscaling.triggers": CHANGED["autoscaling.triggers"],
    "autoscaling.metrics": [],
}
# One set cannot hold everything: the others have the values that conflict with it.
EVERYTHING: dict[str, Tree] = {
    "everything": tree(FLAT),
    "everything, headless": tree(FLAT | HEADLESS),
    "everything, own image": tree(FLAT | PLAIN),
    "everything, KEDA": tree(FLAT | KEDA),
}
# Minor version from which Kubernetes has the field with its default feature gates.
SINCE: dict[str, dict[str, Any]] = {
    "1.31": {"service.trafficDistribution": "PreferClose"},
    "1.33": {"resizePolicy": CHANGED["resizePolicy"]},
    "1.34": {"service.trafficDistribution": "PreferSameZone"},
    "1.35": {"autoscaling.behavior": {"scaleDown": {"tolerance": "0.2"}}},
}
