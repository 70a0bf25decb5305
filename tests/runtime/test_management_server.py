"""The management port answers while the app is busy or stuck, and survives hostile clients."""

import signal
import socket
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from prometheus_client.core import Metric
from prometheus_client.openmetrics.parser import (
    text_string_to_metric_families as parse_openmetrics,
)
from prometheus_client.parser import text_string_to_metric_families as parse_text

from tests.support.http_client import Answer, Client
from tests.support.load import load
from tests.support.raw_connection import connected, read_to_end
from tests.support.serving import REFERENCE, Served, free_port, serving
from tests.support.waiting import wait_until

PLAIN = "tests.runtime.apps:plain"


@pytest.fixture(scope="module")
def plain() -> Iterator[Served]:
    with serving(PLAIN) as served:
        yield served


@pytest.mark.parametrize("path", ["/startupz", "/readyz", "/livez"])
def test_all_probes_succeed_while_the_app_runs(plain: Served, path: str) -> None:
    answer = plain.ask(path)
    assert (answer.status, answer.body) == (200, b"ok\n")


NAMES = {
    "uvicorn_requests",
    "uvicorn_request_duration_seconds",
    "uvicorn_requests_demand",
    "uvicorn_requests_in_flight",
    "uvicorn_requests_cancelled",
    "uvicorn_requests_refused",
    "uvicorn_response_bytes",
    "uvicorn_draining",
    "uvicorn_event_loop_lag_seconds",
    "process_cpu_seconds",
    "python_gc_collections",
}
# The Accept header of Prometheus 3.
OPENMETRICS = "application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.5,*/*;q=0.1"


@pytest.mark.parametrize(
    ("accept", "content_type", "parse"),
    [
        ("*/*", "text/plain; version=0.0.4; charset=utf-8", parse_text),
        (OPENMETRICS, "application/openmetrics-text; version=1.0.0;", parse_openmetrics),
    ],
    ids=["text", "OpenMetrics"],
)
def test_metrics_are_served_in_the_requested_format(
    plain: Served, accept: str, content_type: str, parse: Callable[[str], Iterable[Metric]]
) -> None:
    plain.get("/")
    wait_until(lambda: b"uvicorn_requests_total{" in plain.ask("/metrics").body, 5, "it is counted")
    with Client(plain.management_port) as client:
        answer = client.get("/metrics", accept=accept)
    text = answer.body.decode()
    families = {family.name: family for family in parse(text)}
    assert answer.headers["content-type"].startswith(content_type)
    assert families.keys() >= NAMES
    asked = [s for s in families["uvicorn_requests"].samples if s.name.endswith("_total")]
    assert [(s.labels["route"], s.labels["status"]) for s in asked] == [("/", "2xx")]
    assert asked[0].value >= 1
    assert text.endswith("# EOF\n") == (accept == OPENMETRICS)


def test_a_malformed_accept_header_gets_500_in_one_line_and_is_not_logged(plain: Served) -> None:
    def others() -> list[str]:
        return [line for line in plain.log().splitlines() if "uvicorn.access" not in line]

    before = others()
    with Client(plain.management_port) as client:
        answer = client.get("/metrics", accept="application/openmetrics-text; version=one")
    assert (answer.status, answer.body.count(b"\n")) == (500, 1)
    assert b"Traceback" not in answer.body
    assert others() == before


def test_other_paths_are_not_found(plain: Served) -> None:
    assert plain.ask("/").status == 404
    assert plain.get("/livez").status == 404


def test_the_management_port_is_not_opened_when_it_is_0() -> None:
    with serving(PLAIN, "--management-port=0", until="") as served:
        wait_until(lambda: served.get("/").status == 200, 20, "the app answers")
        with pytest.raises(ConnectionRefusedError):
            served.ask("/livez")


def test_startupz_and_readyz_answer_503_until_the_app_has_started(tmp_path: Path) -> None:
    file = tmp_path / "start"
    app = "tests.runtime.apps:starts_when_file_exists"
    with serving(app, until="/livez", START_WHEN_EXISTS=str(file)) as served:
        assert served.ask("/startupz").status == 503
        assert served.ask("/readyz").status == 503
        file.touch()
        wait_until(lambda: served.ask("/startupz").status == 200, 10, "the app is started")
        assert served.ask("/readyz").status == 200


def test_probes_are_answered_while_the_app_is_imported(tmp_path: Path) -> None:
    (tmp_path / "slow_import.py").write_text("import time; time.sleep(60)")
    with serving("slow_import:app", f"--app-dir={tmp_path}", until="/livez") as served:
        assert served.ask("/startupz").body == b"starting\n"
        assert served.ask("/readyz").status == 503
        served.terminate()
        assert served.process.wait(10) == 128 + signal.SIGTERM


@pytest.mark.quiet
def test_livez_answers_200_quickly_while_the_loop_is_busy() -> None:
    def seconds(probe: Callable[[], Answer]) -> float:
        started = time.monotonic()
        assert probe().status == 200
        return time.monotonic() - started

    with (
        serving(REFERENCE, "--liveness-seconds=5", "--no-access-log") as served,
        load(served.port, "/work?ms=80", clients=8) as tally,
    ):
        wait_until(lambda: tally, 20, "the load is answered")
        by_thread = sorted(seconds(lambda: served.ask("/livez")) for _ in range(60))
        by_loop = sorted(seconds(lambda: served.get("/bytes?size=1")) for _ in range(5))
    assert by_thread[54] < 0.25
    assert by_loop[2] > 0.25, "the loop was not busy: the test proves nothing"
    assert set(tally) == {"200"}


def test_livez_answers_503_only_while_the_loop_is_stuck() -> None:
    options = ("--liveness-seconds=0.4", "--blocked-seconds=0")
    with serving(REFERENCE, *options) as served, Client(served.port) as client:
        client.send("/work?ms=1000")
        stuck = wait_until(lambda: _failing(served), 5, "livez fails", interval_seconds=0.02)
        assert b"the event loop last ran" in stuck
        assert client.receive().status == 200
        wait_until(lambda: served.ask("/livez").status == 200, 2, "livez succeeds again")


def _failing(served: Served) -> bytes:
    answer = served.ask("/livez")
    return answer.body if answer.status == 503 else b""


@settings(max_examples=150, deadline=None, database=None)
@given(garbage=st.binary(max_size=400) | st.from_regex(rb"GET /[ -~]{0,80} HTTP/[0-9.]{0,4}\r\n"))
def test_the_management_port_still_answers_after_garbage(plain: Served, garbage: bytes) -> None:
    with connected(plain.management_port) as client:
        client.sendall(garbage)
        client.shutdown(socket.SHUT_WR)
        read_to_end(client)
    assert plain.ask("/livez").status == 200


def test_silent_clients_do_not_block_the_management_port(plain: Served) -> None:
    with ExitStack() as silent:
        for _ in range(50):
            silent.enter_context(connected(plain.management_port))
        assert plain.ask("/livez").status == 200


def test_requests_to_the_management_port_are_not_logged() -> None:
    with serving(PLAIN) as served:
        before = served.log()
        with connected(served.management_port) as client:
            client.sendall(b"\x00\xff\r\n\r\n")
        served.ask("/nowhere")
        served.ask("/livez")
        assert served.log() == before


def test_the_management_port_listens_on_the_same_host_as_the_app() -> None:
    port = free_port()
    option = f"--management-port={port}"
    with serving(PLAIN, "--host=::1", option, until=""):

        def answers() -> bool:
            with Client(port, host="::1") as client:
                return client.get("/readyz").status == 200

        wait_until(answers, 20, "the port answers on ::1")


@pytest.mark.parametrize("address", ["127.0.0.1", "::1"])
def test_an_empty_host_serves_management_and_app_on_ipv4_and_ipv6(address: str) -> None:
    with serving(PLAIN, "--host=") as served:
        for port in (served.port, served.management_port):
            with socket.create_connection((address, port), timeout=5) as client:
                client.sendall(b"GET / HTTP/1.0\r\n\r\n")
                assert client.recv(200).startswith(b"HTTP/1."), f"{address} port {port}"
