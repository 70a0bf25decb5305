"""Mistakes in containers, volumes and mounts."""

from typing import Any

from tests.chart.refusals.refusal import UVICORN_POD, Refusal


def sidecar_on(port: int, **keys: Any) -> dict[str, Any]:
    container = {"name": "proxy", "image": "x", "ports": [{"containerPort": port}], **keys}
    return {"sidecars": [container], "initContainers": []}


REFUSALS = [
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
]
