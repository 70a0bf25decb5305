"""Mistakes in requests, limits and the size of /tmp."""

from tests.chart.refusals.refusal import UVICORN, UVICORN_POD, Refusal

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
    Refusal(
        "a memory request without its unit",
        UVICORN_POD | {"resources.requests.memory": 512, "resources.limits.memory": ""},
        "resources.requests.memory (512) is less than the 32Mi",
        "without a unit it counts bytes",
    ),
    Refusal(
        "a memory limit in which no Python process starts",
        UVICORN_POD | {"resources.requests.memory": "", "resources.limits.memory": "16Mi"},
        "resources.limits.memory (16Mi) is less than the 32Mi",
        "raise it",
    ),
    Refusal(
        "a memory limit in which no process starts",
        UVICORN
        | {"runtime": "image"}
        | {"resources.requests.memory": "", "resources.limits.memory": "512k"},
        "resources.limits.memory (512k) is less than the 1Mi",
    ),
    Refusal(
        "a volume that the disk limit cannot hold",
        {REQUEST: "64Mi", LIMIT: "512Mi", "tmp.sizeLimit": "1Mi", "sidecars": []}
        | {"volumes": [{"name": "cache", "emptyDir": {"sizeLimit": "512Mi"}}], "volumeMounts": []},
        "volumes[0].emptyDir.sizeLimit (512Mi) is not below resources.limits.ephemeral-storage",
        "raise the limit",
    ),
]
