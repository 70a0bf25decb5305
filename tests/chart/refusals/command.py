"""Mistakes in the command and the arguments of the app's container."""

from typing import Any

from tests.chart.refusals.refusal import UVICORN, UVICORN_POD, Refusal

IMAGE: dict[str, Any] = UVICORN | {"runtime": "image"}

REFUSALS = [
    Refusal(
        "a wrapper of plain uvicorn with the runtime uvicorn-pod",
        UVICORN_POD | {"command": ["ddtrace-run", "uvicorn"], "args": []},
        "command[1] (uvicorn) starts another server than runtime uvicorn-pod",
        "start uvicorn-pod, or set runtime to uvicorn.",
    ),
    Refusal(
        "another server with the runtime uvicorn-pod",
        UVICORN_POD | {"command": ["/venv/bin/gunicorn"], "args": []},
        "command[0] (/venv/bin/gunicorn) starts another server",
        "or set runtime to image.",
    ),
    Refusal(
        "the runtime uvicorn-pod with the runtime uvicorn",
        UVICORN | {"command": ["uvicorn-pod"], "args": []},
        "command[0] (uvicorn-pod) starts another server than runtime uvicorn",
        "or set runtime to uvicorn-pod.",
    ),
    Refusal(
        "the runtime uvicorn-pod with the image's own command",
        IMAGE | {"command": ["uvicorn-pod", "shop.main:app"], "args": []},
        "command[0] (uvicorn-pod) drains the pod itself",
        "set runtime to uvicorn-pod",
    ),
    Refusal(
        "a port in the arguments",
        UVICORN_POD | {"command": [], "args": ["--no-date-header", "--port", "8001"]},
        "args[1] (--port) cannot be set, because the chart sets it: set uvicorn.port instead.",
    ),
    Refusal(
        "workers in the arguments",
        UVICORN | {"command": [], "args": ["--workers=2"]},
        "args[0] (--workers=2) cannot be set",
        "remove it and scale by pods",
    ),
    Refusal(
        "an access log turned off in the command",
        UVICORN_POD | {"command": ["ddtrace-run", "uvicorn-pod", "--no-access-log"], "args": []},
        "command[2] (--no-access-log) cannot be set",
        "set uvicorn.accessLog instead",
    ),
    Refusal(
        "an app in the arguments",
        UVICORN_POD | {"command": [], "args": ["shop.main:app"]},
        "args[0] (shop.main:app) would be a second app",
        "set app instead",
    ),
]
