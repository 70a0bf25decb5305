"""Mistakes in containers, volumes and mounts."""

from tests.chart.refusals.refusal import Refusal

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
        "a mount over /tmp",
        {"volumeMounts": [{"name": "x", "mountPath": "/tmp/"}]},  # noqa: S108 - the pod's
        "volumeMounts[0].mountPath (/tmp/) is already mounted",
    ),
]
