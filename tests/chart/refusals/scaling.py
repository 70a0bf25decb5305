"""Mistakes in the number of pods: the HPA and the disruption budget."""

from typing import Any

from tests.chart.refusals.network import NO_MONITORS
from tests.chart.refusals.refusal import UVICORN, UVICORN_POD, Refusal


def hpa(request: object, percent: int, limit: str = "") -> dict[str, Any]:
    return {
        "autoscaling.enabled": True,
        "autoscaling.targetCPUUtilizationPercentage": percent,
        "resources.requests.cpu": request,
        "resources.limits.cpu": limit,
    }


def keda(**values: Any) -> dict[str, Any]:
    """A valid set for KEDA with these values of `autoscaling` instead."""
    scaling = {"enabled": True, "engine": "keda", "metrics": [], "triggers": [], "minReplicas": 2}
    return UVICORN_POD | {f"autoscaling.{name}": v for name, v in (scaling | values).items()}


REFUSALS = [
    Refusal(
        "KEDA without a runtime that counts",
        UVICORN | keda() | UVICORN,
        "autoscaling.engine is keda, but runtime uvicorn does not count its requests in flight",
        "choose runtime uvicorn-pod",
    ),
    Refusal(
        "KEDA that a network policy keeps out",
        keda() | NO_MONITORS | {"networkPolicy.enabled": True, "networkPolicy.monitoring": []},
        "networkPolicy.monitoring is empty, so KEDA could not ask the pods",
        "add the namespace of KEDA",
    ),
    Refusal(
        "KEDA that could never add the first pod",
        keda(minReplicas=0),
        "autoscaling.minReplicas is 0 and autoscaling.triggers is empty",
        "or add a trigger",
    ),
    Refusal(
        "pods that refuse requests before KEDA adds one",
        keda(requestsPerPod=10) | {"uvicorn.limitConcurrency": 10},
        "uvicorn.limitConcurrency (10) is not above autoscaling.requestsPerPod (10)",
        "raise the limit",
    ),
    Refusal(
        "metrics of an HPA for KEDA",
        keda(metrics=[{"type": "Resource"}]),
        "autoscaling.metrics has no effect with autoscaling.engine keda",
        "use autoscaling.triggers",
    ),
    Refusal(
        "an HPA that would have to add the first pod",
        {"autoscaling.enabled": True, "autoscaling.engine": "hpa", "autoscaling.minReplicas": 0},
        "autoscaling.minReplicas is 0, but an HPA cannot add a first pod",
        "set autoscaling.engine to keda",
    ),
    Refusal(
        "triggers of KEDA for an HPA",
        {
            "autoscaling.enabled": True,
            "autoscaling.engine": "hpa",
            "autoscaling.triggers": [{"type": "cron"}],
        },
        "autoscaling.triggers has no effect with autoscaling.engine hpa",
        "set the engine to keda",
    ),
    Refusal(
        "an HPA that could never scale up",
        hpa("1", 100),
        "resources.requests.cpu (1)",
        "(100 %) is 1000m",
        "lower the request or the target",
    ),
    Refusal("an HPA that could never scale up, in thousandths", hpa("1250m", 80), "is 1000m"),
    Refusal("an HPA that could never scale up, as a number", hpa(2.5, 60), "is 1500m"),
    Refusal(
        "an HPA that never leaves its tolerance",
        hpa("910m", 100),
        "(100 %) is 910m, and the HPA acts only above 1001m",
        "at most 1000m",
    ),
    Refusal(
        "an HPA that never leaves the user's tolerance",
        hpa("400m", 200) | {"autoscaling.behavior.scaleUp.tolerance": "250m"},
        "(200 %) is 800m, and the HPA acts only above 1000m",
    ),
    Refusal(
        "an HPA that the CPU limit holds down",
        hpa("250m", 182, limit="500m"),
        "resources.requests.cpu (250m)",
        "at most 500m (autoscaling.usableCores, or resources.limits.cpu)",
    ),
    Refusal(
        "an HPA that could never scale up with four cores",
        hpa("4", 100) | {"autoscaling.usableCores": 4},
        "at most 4000m",
        "or raise autoscaling.usableCores",
    ),
    Refusal(
        "an HPA that the CPU limit holds down with four cores",
        hpa("2", 100, limit="2") | {"autoscaling.usableCores": 4},
        "at most 2000m",
    ),
    Refusal(
        "an HPA without a CPU request",
        hpa("", 60),
        "resources.requests.cpu is empty or 0",
        "or set autoscaling.enabled to false",
    ),
    Refusal(
        "an HPA without any metric",
        hpa("250m", 0) | {"autoscaling.metrics": []},
        "autoscaling.targetCPUUtilizationPercentage is 0 and autoscaling.metrics is empty",
        "set one of them, or set autoscaling.enabled to false",
    ),
    Refusal("a CPU request of zero", hpa(0, 60), "resources.requests.cpu is empty or 0"),
    Refusal("a CPU request of zero thousandths", hpa("0m", 60), "is empty or 0"),
    Refusal(
        "a minimum above the maximum",
        {"autoscaling.enabled": True, "autoscaling.minReplicas": 11, "autoscaling.maxReplicas": 10},
        "autoscaling.minReplicas (11) is above autoscaling.maxReplicas (10)",
        "lower the minimum",
    ),
    Refusal(
        "an HPA that may not scale up",
        {"autoscaling.enabled": True, "autoscaling.behavior.scaleUp.selectPolicy": "Disabled"},
        "autoscaling.behavior.scaleUp.selectPolicy is Disabled",
        "set it to Max or Min",
    ),
]
