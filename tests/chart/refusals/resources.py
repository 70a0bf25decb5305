"""Mistakes in requests, limits and the size of /tmp."""

from tests.chart.refusals.refusal import Refusal

REQUEST = "resources.requests.ephemeral-storage"
LIMIT = "resources.limits.ephemeral-storage"

REFUSALS = [
    Refusal(
        "a CPU request above its limit",
        {"autoscaling.enabled": False}
        | {"resources.requests.cpu": 2, "resources.limits.cpu": "1999m"},
        "resources.requests.cpu (2) is above resources.limits.cpu (1999m)",
        "raise the limit",
    ),
    Refusal(
        "a memory request above its limit",
        {"resources.requests.memory": "1Gi", "resources.limits.memory": "1023Mi"},
        "resources.requests.memory (1Gi) is above resources.limits.memory (1023Mi)",
    ),
    Refusal(
        "a /tmp above the limit",
        {REQUEST: "64Mi", LIMIT: "512Mi", "tmp.sizeLimit": "1G"},
        "tmp.sizeLimit (1G) is not below resources.limits.ephemeral-storage (512Mi)",
        "lower it",
    ),
    Refusal(
        "a /tmp as large as the limit",
        {REQUEST: "64Mi", LIMIT: "256Mi", "tmp.sizeLimit": 268435456},
        "is not below resources.limits.ephemeral-storage (256Mi)",
    ),
]
