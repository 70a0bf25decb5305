"""Mistakes in monitors, alerts and the dashboard."""

from typing import Any

from tests.chart.refusals.refusal import UVICORN, UVICORN_POD, Refusal

ALERTS: dict[str, Any] = UVICORN_POD | {"metrics.prometheusRule.enabled": True}

REFUSALS = [
    Refusal(
        "two monitors that count every pod twice",
        UVICORN_POD | {"metrics.podMonitor.enabled": True, "metrics.serviceMonitor.enabled": True},
        "metrics.podMonitor.enabled and metrics.serviceMonitor.enabled are both true",
        "keep one",
    ),
    Refusal(
        "a monitor without a management port",
        UVICORN | {"metrics.podMonitor.enabled": True},
        "metrics.podMonitor.enabled is true, but runtime uvicorn",
        "choose runtime uvicorn-pod",
    ),
    Refusal(
        "alerts without a management port",
        UVICORN | {"metrics.prometheusRule.enabled": True},
        "metrics.prometheusRule.enabled is true, but runtime uvicorn",
    ),
    Refusal(
        "an availability whose alert would need more errors than there are requests",
        ALERTS | {"metrics.prometheusRule.availabilityPercent": 93.05},
        "metrics.prometheusRule.availabilityPercent (93.05)",
        "93.1 or more",
    ),
    Refusal(
        "a latency goal whose alert would need more slow answers than there are requests",
        ALERTS | {"metrics.prometheusRule.latencyPercent": 90},
        "metrics.prometheusRule.latencyPercent (90) leaves such a large error budget",
    ),
    Refusal(
        "a monitor's label that is also a common label",
        {"commonLabels": {"team": "x"}, "metrics.podMonitor.labels": {"team": "y"}},
        "metrics.podMonitor.labels holds team",
        "remove it",
    ),
    Refusal(
        "a monitor's label that the chart sets",
        {"metrics.podMonitor.labels": {"helm.sh/chart": "x"}},
        "metrics.podMonitor.labels holds helm.sh/chart",
    ),
]
