"""`make up` and the tests survive an API server that stops, as it does after a host's restart."""

import sys
from collections.abc import Iterator

import pytest

from cluster import api_server, kind
from cluster.common.errors import ClusterError
from cluster.common.process import run_logged
from cluster.common.steps import Step, perform
from tests.support.commands import run
from tests.support.waiting import wait_until

pytestmark = [pytest.mark.quiet, pytest.mark.long]

START_SECONDS = 90


def kill() -> None:
    node = kind.node_names()[0]
    run_logged("kill", ["docker", "exec", node, "pkill", "-KILL", "kube-apiserver"])


def ask(resource: str) -> None:
    run_logged("ask", [*kind.kubectl_command(), "get", resource])


@pytest.fixture(autouse=True)
def _ready_again() -> Iterator[None]:
    yield
    wait_until(kind.is_api_server_ready, START_SECONDS, "the API server is ready")


@pytest.mark.parametrize("is_back", [False, True], ids=["while it is down", "once it is back"])
def test_a_step_runs_again_if_the_api_server_stops(*, is_back: bool) -> None:
    errors: list[ClusterError] = []

    def kill_and_ask() -> None:
        if not errors:
            kill()
        try:
            ask("namespaces")
        except ClusterError as error:
            errors.append(error)
            if is_back:  # as helm, which fails after minutes
                wait_until(kind.is_api_server_ready, START_SECONDS, "the API server is ready")
            raise

    perform(api_server.repeated_after_restarts([Step("ask", lambda: False, kill_and_ask)]))
    assert len(errors) == 1, f"the first run had to fail, and only that: {errors}"


def test_a_step_that_fails_for_another_reason_runs_once() -> None:
    runs = []

    def ask_in_vain() -> None:
        runs.append("asked")
        ask("nothing-of-this-kind")

    with pytest.raises(ClusterError, match="nothing-of-this-kind"):
        perform(api_server.repeated_after_restarts([Step("ask", lambda: False, ask_in_vain)]))
    assert runs == ["asked"], f"it ran {len(runs)} times, wanted 1"


def test_tests_on_the_cluster_wait_until_the_api_server_is_back() -> None:
    kill()
    assert not kind.is_api_server_ready(), "the API server is ready right after SIGKILL"
    one = "tests/e2e/test_admission.py::test_a_pod_that_is_not_restricted_gets_a_warning"
    run(sys.executable, "-m", "pytest", "-p", "no:cacheprovider", one)
