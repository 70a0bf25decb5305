"""A real cluster or one clear failure; a release per module; the cluster's state on failure."""

import os
import shutil
import subprocess
from collections.abc import Callable, Generator, Iterator, Mapping
from pathlib import Path
from typing import Any

import pykube
import pytest
from pytest_helm_charts.clusters import Cluster
from pytest_helm_charts.k8s.fixtures import NamespaceFactoryFunc

from tests.cluster.diagnosis import describe_namespace
from tests.cluster.release import CHART, Release, run
from tests.waiting import wait_until

RESTRICTED = {"labels": {"pod-security.kubernetes.io/enforce": "restricted"}}
NO_CLUSTER = "there is no cluster to test on: run `make test-cluster`, after `make up`"

NAMESPACES = pytest.StashKey[list[str]]()

Install = Callable[..., Release]


@pytest.fixture(scope="session", autouse=True)
def _running_cluster() -> None:
    """Fail, never skip, where no cluster answers."""
    command = ["kubectl", "get", "--raw=/readyz", "--request-timeout=10s"]
    if not os.environ.get("KUBECONFIG") or shutil.which("kubectl") is None:
        pytest.fail(NO_CLUSTER, pytrace=False)
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        pytest.fail(f"{NO_CLUSTER} (kubectl says: {done.stderr.strip()[-200:]})", pytrace=False)


@pytest.fixture(scope="module")
def install(
    request: pytest.FixtureRequest,
    kube_cluster: Cluster,
    namespace_factory: NamespaceFactoryFunc,
) -> Iterator[Install]:
    """`install(name, port, files=…, values=…, chart=…)`: a release in a namespace of its own.

    It enforces PSS restricted. A name and a port belong to one test module, and are free again at
    its end.
    """
    client = kube_cluster.kube_client
    assert client is not None

    def _install(
        name: str,
        port: int | None = None,
        *,
        files: tuple[Path, ...] = (),
        values: Mapping[str, Any] | None = None,
        chart: tuple[str, ...] = (str(CHART),),
    ) -> Release:
        namespace = f"test-{name}"
        _remove_leftover(client, namespace)
        namespace_factory(namespace, extra_metadata=RESTRICTED)
        request.node.stash.setdefault(NAMESPACES, []).append(namespace)
        release = Release(client, namespace, port, files, values or {}, chart)
        release.install()
        return release

    yield _install
    for namespace in request.node.stash.get(NAMESPACES, []):
        _end_pods(namespace)


def _end_pods(namespace: str) -> None:
    """End pods at once: their drain has been seen, and the namespace waits for all of them."""
    kubectl = ["kubectl", f"--namespace={namespace}", "delete", "--all", "--wait=false"]
    run(*kubectl, "--cascade=orphan", "deployments,replicasets")
    run(*kubectl, "--force", "--grace-period=0", "pods")


def _remove_leftover(client: pykube.HTTPClient, name: str) -> None:
    """A run that was cut off leaves its namespace, which the next one must not build on."""
    spaces = pykube.Namespace.objects(client)
    left = spaces.get_or_none(name=name)
    if left is None:
        return
    left.delete()
    what = f"namespace {name} of an earlier run gone"
    wait_until(lambda: spaces.get_or_none(name=name) is None, 120, what)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Add events, descriptions and logs of the module's namespaces to a failure."""
    report = yield
    if call.excinfo is not None:
        module = item.getparent(pytest.Module)
        for namespace in module.stash.get(NAMESPACES, []) if module else []:
            report.sections.append((f"namespace {namespace}", describe_namespace(namespace)))
    return report
