"""Mistakes in probes, in the start and stop of a pod, and in the update strategy."""

from tests.chart.refusals.refusal import UVICORN, UVICORN_POD, Refusal

ROLLING = {"strategy": "RollingUpdate"}
UPDATE = "rollingUpdate.maxSurge and rollingUpdate.maxUnavailable are both 0"

REFUSALS = [
    Refusal(
        "a path for a probe that the runtime answers itself",
        UVICORN_POD | {"probes.liveness.path": "/health"},
        "probes.liveness.path (/health) would be ignored",
        "or choose runtime uvicorn or image",
    ),
    Refusal(
        "a host for probes that the runtime answers itself",
        UVICORN_POD | {"probes.host": "shop.example"},
        "probes.host (shop.example) would be ignored",
        'set it to ""',
    ),
    Refusal(
        "plain uvicorn without a path for its startup probe",
        UVICORN | {"probes.startup.path": ""},
        "probes.startup.path is empty, but runtime uvicorn",
        "name a path",
    ),
    Refusal(
        "the image's command without a path for its readiness probe",
        UVICORN | {"runtime": "image", "probes.readiness.path": ""},
        "probes.readiness.path is empty, but runtime image",
    ),
    Refusal(
        "a size of the thread pool for a runtime that does not set it",
        UVICORN | {"threadTokens": 80},
        "threadTokens (80) would be ignored",
        "choose that runtime",
    ),
    Refusal(
        "a deadline for requests for a runtime that has none",
        UVICORN | {"uvicorn.requestSeconds": 30},
        "uvicorn.requestSeconds (30) would be ignored",
        "choose that runtime",
    ),
    Refusal(
        "a deadline for bodies for a runtime that has none",
        UVICORN | {"runtime": "image", "uvicorn.bodySeconds": 0.5},
        "uvicorn.bodySeconds (0.5) would be ignored",
        "choose that runtime",
    ),
    Refusal(
        "retirement for a runtime that does not retire",
        UVICORN | {"retire.memoryPercent": 85},
        "retire.memoryPercent (85) would be ignored",
        "choose that runtime",
    ),
    Refusal(
        "a block that is shorter than the runtime can measure",
        {"blockedSeconds": 0.1},
        "blockedSeconds (0.1) is too short",
        "or set it to 0",
    ),
    Refusal(
        "a block that outlasts the liveness probe",
        {"blockedSeconds": 2.5, "management.livenessSeconds": 2},
        "blockedSeconds (2.5) is not less than management.livenessSeconds (2)",
        "lower blockedSeconds",
    ),
    Refusal(
        "a preStop hook next to the drain",
        {"lifecycle": {"preStop": {"exec": {"command": ["x"]}}}},
        "lifecycle.preStop would use up part of the grace period",
        "set drainSeconds",
    ),
    Refusal(
        "an update that cannot start",
        ROLLING | {"rollingUpdate.maxSurge": "0%", "rollingUpdate.maxUnavailable": 0},
        UPDATE,
        "raise one",
    ),
    Refusal(
        "an update that cannot start, with zeros in another form",
        ROLLING | {"rollingUpdate.maxSurge": "00%", "rollingUpdate.maxUnavailable": "0%"},
        UPDATE,
    ),
]
