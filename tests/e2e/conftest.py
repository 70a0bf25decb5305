"""Fixtures: a real cluster or one clear failure, a release per module, evidence on failure."""

import os
import shutil
import subprocess
from collections.abc import Callable, Generator, Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import Any

import pykube
import pytest
from pytest_helm_charts.clusters import Cluster

from tests.e2e import namespaces
from tests.e2e.diagnosis import describe_namespace
from tests.e2e.release import Release
from tests.support.in_parallel import in_parallel
from tests.support.waiting import wait_until

NO_CLUSTER = "there is no cluster to test on: run `make test-e2e`, after `make up`"

RESTART_SECONDS = 150

NAMESPACES = pytest.StashKey[list[str]]()

Install = Callable[..., Release]


@pytest.fixture(scope="session", autouse=True)
def _running_cluster() -> None:
    """Fail, never skip, where no cluster answers.

    The API server may have to start once more within minutes after the host, see
    cluster/api_server.py. This is waited for: what fails here fails every test of the session.
    """
    kubeconfig = os.environ.get("KUBECONFIG", "")
    if not kubeconfig or not Path(kubeconfig).exists() or shutil.which("kubectl") is None:
        pytest.fail(NO_CLUSTER, pytrace=False)
    try:
        wait_until(_is_api_server_ready, RESTART_SECONDS, "the API server", interval_seconds=1)
    except TimeoutError as error:
        pytest.fail(f"{NO_CLUSTER} ({error})", pytrace=False)


def _is_api_server_ready() -> bool:
    command = ["kubectl", "get", "--raw=/readyz", "--request-timeout=10s"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"kubectl says: {done.stderr.strip()[-200:]}"
    return done.stdout == "ok"


@pytest.fixture(scope="module")
def restricted_namespace(
    request: pytest.FixtureRequest, kube_cluster: Cluster
) -> Iterator[Callable[[str], str]]:
    """`restricted_namespace(name)`: a new namespace that enforces PSS restricted, and its name.

    A name belongs to one test module at a time. At its end, nothing waits until the namespaces are
    gone.
    """
    client = kube_cluster.kube_client
    assert client is not None
    made: list[pykube.Namespace] = []

    def _make(name: str) -> str:
        namespace = f"test-{name}"
        made.append(namespaces.create(client, namespace))
        request.node.stash.setdefault(NAMESPACES, []).append(namespace)
        return namespace

    yield _make
    for namespace in made:
        namespaces.free(namespace)


@pytest.fixture(scope="module")
def install(
    kube_cluster: Cluster,
    restricted_namespace: Callable[[str], str],
) -> Install:
    """`install(name, port, files=…, values=…, …)`: a release in a dedicated namespace.

    A port belongs to one test module at a time.
    """
    client = kube_cluster.kube_client
    assert client is not None

    def _install(
        name: str,
        port: int | None = None,
        *,
        files: tuple[Path, ...] = (),
        values: Mapping[str, Any] | None = None,
        **options: Any,
    ) -> Release:
        namespace = restricted_namespace(name)
        release = Release(client, namespace, port, files, values or {}, **options)
        release.install()
        return release

    return _install


def install_together(
    install: Install, *wanted: tuple[str, int, Mapping[str, Any]]
) -> list[Release]:
    """Installs releases of these names, ports and values at once, because each waits for pods."""
    return in_parallel(
        *(partial(install, name, port, values=values) for name, port, values in wanted)
    )


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Show the notes of tests that passed: what they could not try here, and why."""
    for report in terminalreporter.getreports("passed"):
        for name, text in report.user_properties:
            if name == "note" and text:
                terminalreporter.write_line(f"{report.nodeid}: {text}")


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
