"""Mistakes in names, labels and annotations."""

from tests.chart.refusals.refusal import Refusal

REFUSALS = [
    Refusal(
        "an object name that no Service may have",
        {"fullnameOverride": "1shop"},
        "The object name 1shop begins with a digit",
        "set fullnameOverride",
    ),
    Refusal(
        "an object name that is a number",
        {"fullnameOverride": "123"},
        "The object name 123 begins with a digit",
    ),
    *(
        Refusal(
            f"a {name} that would be cut",
            {name: "a" * 59, "cronJobs": []},
            f"{name} ({'a' * 59}) has 59 characters",
            "can use only 58",
            "shorten it",
        )
        for name in ("nameOverride", "fullnameOverride")
    ),
    *(
        Refusal(f"{name} in {value}", {value: {name: "x"}}, f"{value} holds {name}", "remove it")
        for value, name in [
            ("podLabels", "app.kubernetes.io/name"),
            ("podLabels", "app.kubernetes.io/instance"),
            ("commonLabels", "app.kubernetes.io/version"),
            ("commonLabels", "helm.sh/chart"),
            ("podAnnotations", "checksum/config"),
            ("podAnnotations", "kubectl.kubernetes.io/default-container"),
            ("deploymentAnnotations", "uvicorn-pod/replicas"),
        ]
    ),
]
