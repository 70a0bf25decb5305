"""Mistakes in names, labels, annotations, containers, volumes and the image of `helm test`."""

from typing import Any

from tests.chart.refusals.refusal import DIGEST, UVICORN_POD, Refusal


def sidecar_on(port: int, **keys: Any) -> dict[str, Any]:
    container = {"name": "proxy", "image": "x", "ports": [{"containerPort": port}], **keys}
    return {"sidecars": [container], "initContainers": []}


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
    Refusal(
        "a sidecar with the app's name",
        {"sidecars": [{"name": "app", "image": "x"}], "initContainers": []},
        "sidecars[0] is called app",
        "choose another",
    ),
    Refusal(
        "an init container with a sidecar's name",
        {
            "sidecars": [{"name": "proxy", "image": "x"}],
            "initContainers": [{"name": "proxy", "image": "x"}],
        },
        "initContainers[0] is called proxy",
    ),
    *(
        Refusal(
            f"a sidecar with a port called {port}",
            {
                "sidecars": [
                    {"name": "proxy", "image": "x", "ports": [{"name": port, "containerPort": 1}]}
                ],
                "initContainers": [],
            },
            f"sidecars[0] has a port called {port}",
            "choose another",
        )
        for port in ("http", "management")
    ),
    Refusal(
        "a sidecar on the app's port",
        {"uvicorn.port": 8123, **sidecar_on(8123)},
        "sidecars[0] listens on port 8123, which is uvicorn.port",
        "change one of them",
    ),
    Refusal(
        "a sidecar on the management port",
        UVICORN_POD | {"management.port": 9123, **sidecar_on(9123)},
        "sidecars[0] listens on port 9123, which is management.port",
    ),
    Refusal(
        "a sidecar among the init containers, on the app's port",
        {
            "uvicorn.port": 8123,
            "sidecars": [],
            "initContainers": [*sidecar_on(8123, restartPolicy="Always")["sidecars"]],
        },
        "initContainers[0] listens on port 8123",
    ),
    *(
        Refusal(
            f"a volume called {name}",
            {"volumes": [{"name": name, "emptyDir": {}}], "volumeMounts": []},
            f"volumes[0] is called {name}",
            "choose another",
        )
        for name in ("tmp", "config")
    ),
    Refusal(
        "two mounts at one path",
        {
            "volumeMounts": [
                {"name": "a", "mountPath": "/data"},
                {"name": "b", "mountPath": "/data"},
            ]
        },
        "volumeMounts[1].mountPath (/data) is already mounted",
        "choose another",
    ),
    Refusal(
        "a mount over the files",
        {
            "config": {"files": {"a": "b"}, "mountPath": "/etc/app"},
            "volumeMounts": [{"name": "a", "mountPath": "/etc/app"}],
        },
        "volumeMounts[0].mountPath (/etc/app) is already mounted",
    ),
    Refusal(
        "a mount over /tmp of the chart's own volume",
        {"volumes": [], "volumeMounts": [{"name": "tmp", "mountPath": "/tmp/"}]},  # noqa: S108 - the pod's
        "volumeMounts[0].mountPath (/tmp/) is already mounted",
    ),
    Refusal(
        "a tag of the test's image that YAML parsed as a number",
        {"tests.image.tag": 2, "tests.image.digest": ""},
        "tests.image.tag (2) is a number",
    ),
    Refusal(
        "a tag and a digest of the test's image",
        {"tests.image.tag": "1.0", "tests.image.digest": DIGEST},
        "tests.image.tag (1.0) and tests.image.digest are both set",
    ),
    Refusal(
        "a test's image without a version",
        {"tests.image.repository": "shop/api", "tests.image.tag": "", "tests.image.digest": ""},
        "tests.image.repository (shop/api) has neither a tag nor a digest",
    ),
]
