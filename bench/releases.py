"""Releases of the chart on the cluster of `make up`, each in a separate namespace."""

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from typing import Any

import pykube

from bench.five_servers import APP, IMAGE, OURS, Server
from tests.e2e import namespaces
from tests.e2e.cluster_image import TAG
from tests.e2e.release import Release
from tests.support.in_parallel import in_parallel

NO_CLUSTER = (
    "error: there is no cluster to measure on: run `make bench`, which runs `make up` first."
)
PATH = "/async"  # a route of the measured app that any probe may ask


@contextmanager
def installed(*wanted: tuple[str, int, Mapping[str, Any]]) -> Iterator[list[Release]]:
    """Installs releases of these names, ports and values at once, and removes them in the end.

    Exits with one sentence where no cluster is known.
    """
    if not os.environ.get("KUBECONFIG"):
        raise SystemExit(NO_CLUSTER)
    client = pykube.HTTPClient(pykube.KubeConfig.from_env())
    made: list[pykube.Namespace] = []

    def install(name: str, port: int, values: Mapping[str, Any]) -> Release:
        namespace = namespaces.create(client, f"bench-{name}")
        made.append(namespace)
        release = Release(client, namespace.name, port, values=values)
        release.install()
        return release

    try:
        yield in_parallel(*(partial(install, *one) for one in wanted))
    finally:
        for namespace in made:
            namespaces.free(namespace)


def values(server: Server, *, drain_seconds: int | None = None) -> dict[str, Any]:
    """Returns the values that run a server in the chart, in two pods and without an HPA.

    `drain_seconds` is the drain of uvicorn-pod, and the `preStop` sleep of every other server.
    """
    common: dict[str, Any] = {
        "image": {"repository": IMAGE.repository, "tag": TAG},
        "app": APP,
        "autoscaling": {"enabled": False},
        "replicaCount": 2,
        "resources": {"requests": {"cpu": "100m"}},
        "uvicorn": {"accessLog": False},
    }
    if drain_seconds is not None:
        common["drainSeconds"] = drain_seconds
    if server.name == OURS:
        return common
    probes = {"probes": {"startup": {"path": PATH}, "readiness": {"path": PATH}}}
    if server.name == "uvicorn":
        return common | probes | {"runtime": "uvicorn"}
    command, *arguments = server.arguments()
    return common | probes | {"runtime": "image", "command": [command], "args": arguments}
