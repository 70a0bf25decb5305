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
    Refusal(
        "a pod label that is the selector's name",
        {"podLabels": {"app.kubernetes.io/name": "mine"}},
        "podLabels holds app.kubernetes.io/name",
        "remove it",
    ),
    Refusal(
        "a pod label that is the selector's instance",
        {"podLabels": {"app.kubernetes.io/instance": "x"}},
        "podLabels holds app.kubernetes.io/instance",
    ),
    Refusal(
        "a common label in the chart's namespace",
        {"commonLabels": {"app.kubernetes.io/version": "9"}},
        "commonLabels holds app.kubernetes.io/version, which the chart sets itself",
        "remove it",
    ),
    Refusal(
        "a common label that the chart sets",
        {"commonLabels": {"helm.sh/chart": "x"}},
        "commonLabels holds helm.sh/chart",
    ),
    Refusal(
        "the annotation that restarts the pods",
        {"podAnnotations": {"checksum/config": "x"}},
        "podAnnotations holds checksum/config",
        "remove it",
    ),
    Refusal(
        "the annotation that names the default container",
        {"podAnnotations": {"kubectl.kubernetes.io/default-container": "x"}},
        "podAnnotations holds kubectl.kubernetes.io/default-container",
    ),
    Refusal(
        "the annotation that records replicas",
        {"deploymentAnnotations": {"uvicorn-pod/replicas": "x"}},
        "deploymentAnnotations holds uvicorn-pod/replicas",
        "remove it",
    ),
]
