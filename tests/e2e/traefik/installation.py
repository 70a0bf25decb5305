"""Traefik in front of a release, with the HTTPRoute and the Ingress of the chart."""

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path
from string import Template
from typing import Any

import yaml

from cluster import kind, online_or_offline
from cluster.common import lock
from cluster.common.steps import perform
from cluster.program_image import ProgramImage, building
from cluster.programs.traefik_programs import MODULE, version
from tests.e2e.release import Release, node_port
from tests.e2e.traefik.certificates import Certificate, TlsClient
from tests.support.commands import APPLY, run
from tests.support.documented_values import documented_values
from tests.support.waiting import wait_until

HERE = Path(__file__).parent
GATEWAY_API_MANIFESTS = HERE / "gateway_api.yaml"
CLUSTER_MANIFESTS = HERE / "cluster.yaml"
MANIFESTS = HERE / "traefik.yaml"
IMAGE = ProgramImage(
    MODULE, "traefik", f"docker.io/library/traefik:{version()}", folder="/usr/local/bin"
)
WITHOUT_GO = "leave `make prove` out"
BY_GATEWAY, BY_INGRESS = "shop.example", "admin.example"
"""The host names of the HTTPRoute and of the Ingress."""
SECRETS = {BY_GATEWAY: "shop", BY_INGRESS: "admin"}
READY_SECONDS = 120
ANSWER_SECONDS = 60
VALUES = documented_values("chart.md", "## Behind a gateway")
"""The documented values of a release behind Traefik, with a Gateway and an Ingress."""
ROUTES = {name: VALUES[name] for name in ("httpRoute", "ingress")}
"""Of these, what a control also needs."""


def provide_image() -> None:
    """Without a registry, compiles Traefik and loads its image; else the nodes pull it."""
    if online_or_offline.is_offline():
        with lock.exclusive():
            perform(building([IMAGE], without_go=WITHOUT_GO))
            perform([IMAGE.load_step(kind.node_names())])


@contextmanager
def in_cluster() -> Iterator[None]:
    """Installs the Gateway API, the classes and what Traefik may read, until the block ends.

    A complete Gateway API that is there already is used, and stays. Otherwise it goes, and with it
    every HTTPRoute and Gateway.
    """
    provide_image()
    delete = ("kubectl", "delete", "--ignore-not-found", "--timeout=120s")
    with ExitStack() as cleanup:
        wanted = [one["metadata"]["name"] for one in _gateway_api()]
        there = run("kubectl", "get", "crd", *wanted, "--ignore-not-found", "--output=name")
        if len(there.split()) < len(wanted):
            cleanup.callback(run, *delete, f"--filename={GATEWAY_API_MANIFESTS}")
            run(*APPLY, f"--filename={GATEWAY_API_MANIFESTS}")
        # The API server serves a new resource a moment after its definition.
        run("kubectl", "wait", "--for=condition=Established", f"--filename={GATEWAY_API_MANIFESTS}")
        mine = ("clusterrole/test-traefik", "ingressclass/traefik", "gatewayclass/traefik")
        cleanup.callback(run, *delete, *mine)
        cleanup.callback(run, *delete, "clusterrolebinding", "--selector=app=test-traefik")
        run(*APPLY, f"--filename={CLUSTER_MANIFESTS}")
        yield


def _gateway_api() -> list[dict[str, Any]]:
    return list(yaml.safe_load_all(GATEWAY_API_MANIFESTS.read_text()))


def put_in_front(
    release: Release, ports: tuple[int, int], folder: Path, options: Sequence[str] = ()
) -> dict[str, Certificate]:
    """Puts Traefik in front of a release; waits until it answers.

    `ports` are those on loopback without and with TLS, `options` more of Traefik's own. The release
    needs ROUTES among its values. Returns the certificate of each host name, which it makes in
    `folder`.
    """
    certificates = {name: Certificate(name, folder) for name in SECRETS}
    for name, secret in SECRETS.items():
        release.kubectl(
            "create", "secret", "tls", secret,
            f"--cert={certificates[name].file}", f"--key={certificates[name].key_file}",
        )  # fmt: skip
    manifests = Template(MANIFESTS.read_text()).substitute(
        namespace=release.namespace,
        image=IMAGE.name,
        web_port=node_port(ports[0]),
        tls_port=node_port(ports[1]),
    )
    objects = list(yaml.safe_load_all(manifests))
    (deployment,) = (one for one in objects if one["kind"] == "Deployment")
    deployment["spec"]["template"]["spec"]["containers"][0]["args"] += options
    where = f"--namespace={release.namespace}"
    run(*APPLY, where, "--filename=-", stdin=yaml.safe_dump_all(objects))
    release.kubectl("rollout", "status", "deployment/traefik", f"--timeout={READY_SECONDS}s")
    what = f"Traefik in {release.namespace} answering on {ports[0]}"
    wait_until(replace(release, port=ports[0]).answers, ANSWER_SECONDS, what)
    for name, certificate in certificates.items():
        # Traefik learns of the Gateway and of the Ingress one after the other.
        what = f"Traefik in {release.namespace} answering for {name} on {ports[1]}"
        wait_until(partial(_answers, ports[1], name, certificate), ANSWER_SECONDS, what)
    return certificates


def _answers(port: int, hostname: str, certificate: Certificate) -> bool:
    with TlsClient(port, hostname, certificate) as client:
        return client.get("/").status == 200
