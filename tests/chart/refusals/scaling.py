"""Mistakes in the number of pods: the HPA and the disruption budget."""

from typing import Any

from tests.chart.refusals.refusal import Refusal


def hpa(request: object, percent: int, limit: str = "") -> dict[str, Any]:
    return {
        "autoscaling.enabled": True,
        "autoscaling.targetCPUUtilizationPercentage": percent,
        "resources.requests.cpu": request,
        "resources.limits.cpu": limit,
    }


REFUSALS = [
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
