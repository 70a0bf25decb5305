"""Mistakes in the pods of migrations, CronJobs and `helm test`."""

from typing import Any

from tests.chart.refusals.refusal import Refusal

TIDY: dict[str, Any] = {"name": "tidy", "schedule": "@daily", "command": ["x"]}
MIGRATIONS: dict[str, Any] = {"migrations.enabled": True, "migrations.command": ["x"]}
NAME = {"app.kubernetes.io/name": "mine"}

REFUSALS = [
    Refusal(
        "migrations with a label of the selector",
        MIGRATIONS | {"migrations.labels": NAME},
        "migrations.labels holds app.kubernetes.io/name, which is a label of the selector",
        "remove it",
    ),
    Refusal(
        "a CronJob with a label of the selector",
        {"cronJobs": [TIDY | {"labels": NAME}], "fullnameOverride": "shop"},
        "cronJobs[0].labels holds app.kubernetes.io/name",
    ),
    Refusal(
        "a test's pod with a label of the selector",
        {"tests.labels": {"app.kubernetes.io/instance": "x"}},
        "tests.labels holds app.kubernetes.io/instance",
    ),
    Refusal(
        "a test's pod that is no hook",
        {"tests.annotations": {"helm.sh/hook": "post-install"}},
        "tests.annotations holds helm.sh/hook",
        "remove it",
    ),
    Refusal(
        "a sidecar with the name of the migrations' container",
        MIGRATIONS | {"sidecars": [{"name": "migrations", "image": "x"}], "initContainers": []},
        "sidecars[0] is called migrations, which is the name of the container in migrations",
        "set migrations.sidecars to false",
    ),
    Refusal(
        "a sidecar with the name of a CronJob",
        {"cronJobs": [TIDY], "fullnameOverride": "shop"}
        | {"sidecars": [{"name": "tidy", "image": "x"}], "initContainers": []},
        "sidecars[0] is called tidy, which is the name of the container in cronJobs[0]",
        "set cronJobs[0].sidecars to false",
    ),
]
