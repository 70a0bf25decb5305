"""Mistakes in the disruption budget."""

from typing import Any

from tests.chart.refusals.refusal import Refusal
from tests.chart.refusals.scaling import keda


def keeping(pods: object, most_missing: object = "") -> dict[str, Any]:
    return {
        "podDisruptionBudget.enabled": True,
        "podDisruptionBudget.minAvailable": pods,
        "podDisruptionBudget.maxUnavailable": most_missing,
    }


def hpa_from(lowest: int) -> dict[str, Any]:
    return {
        "autoscaling.enabled": True,
        "autoscaling.minReplicas": lowest,
        "autoscaling.maxReplicas": 50,
    }


def fixed(count: int | None) -> dict[str, Any]:
    return {"autoscaling.enabled": False, "replicaCount": count}


REFUSALS = [
    Refusal(
        "a budget that keeps a pod of an app that scales to zero",
        keda(minReplicas=0, triggers=[{"type": "cron"}]) | keeping(1),
        "podDisruptionBudget.minAvailable (1) would block every node drain while one pod runs",
        "use podDisruptionBudget.maxUnavailable",
    ),
    Refusal(
        "a budget that blocks every drain",
        {"podDisruptionBudget.enabled": True, "podDisruptionBudget.maxUnavailable": 0},
        "podDisruptionBudget.maxUnavailable (0) would block every node drain",
        "set it to 1",
    ),
    Refusal(
        "a budget of zero percent",
        {"podDisruptionBudget.enabled": True, "podDisruptionBudget.maxUnavailable": "0%"},
        "podDisruptionBudget.maxUnavailable (0%) would block",
    ),
    Refusal(
        "a budget of both kinds",
        keeping("50%", 1),
        "podDisruptionBudget.minAvailable (50%) and podDisruptionBudget.maxUnavailable (1) are",
        'set one of them to ""',
    ),
    Refusal(
        "a budget that keeps as many pods as the HPA's minimum",
        keeping(2) | hpa_from(2),
        "podDisruptionBudget.minAvailable (2) is all of autoscaling.minReplicas (2)",
        "raise autoscaling.minReplicas",
    ),
    Refusal(
        "a budget whose share of the pods is rounded up to all of them",
        keeping("51%") | fixed(2),
        "podDisruptionBudget.minAvailable (51%) is all of replicaCount (2)",
        "lower it",
    ),
    Refusal(
        "a budget that keeps the only pod",
        keeping("1%") | fixed(1),
        "podDisruptionBudget.minAvailable (1%) is all of replicaCount (1)",
    ),
    Refusal(
        "a budget that keeps every pod of an unknown number",
        keeping("0100%") | fixed(None),
        "podDisruptionBudget.minAvailable (0100%) is every pod",
        "set podDisruptionBudget.enabled to false",
    ),
]
