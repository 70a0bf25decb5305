"""SIGTERM tells every client to reconnect, and no request is lost; plain uvicorn loses some."""

import signal
import time
from collections.abc import Callable

import pytest

from tests.support.http_client import Client
from tests.support.prober import KEPT_CLIENTS, Tally, probing
from tests.support.serving import REFERENCE, Served, serving
from tests.support.waiting import wait_until

PLAIN = "tests.runtime.apps:plain"


def _probe_through_sigterm(served: Served, until: Callable[[Tally], bool]) -> Tally:
    """Probes before and after SIGTERM, until the tally meets a condition."""
    with probing(served.port) as tally:
        wait_until(lambda: tally.answered > 100, 20, "the prober is answered")
        served.terminate()
        wait_until(lambda: until(tally), 20, "SIGTERM takes effect")
    return tally


def test_no_request_is_lost_during_the_drain() -> None:
    with serving(REFERENCE, "--drain-seconds=30", "--no-access-log") as served:
        tally = _probe_through_sigterm(served, lambda tally: tally.told_to_close >= 100)
        assert served.process.poll() is None
    assert not tally.lost, tally


def test_requests_are_lost_without_a_drain() -> None:
    with serving(REFERENCE, "--no-access-log", module="uvicorn", until="port") as served:
        tally = _probe_through_sigterm(served, lambda tally: bool(tally.lost))
    assert tally.told_to_close < KEPT_CLIENTS


def test_an_idle_connection_is_told_to_close_at_its_next_request() -> None:
    with serving(PLAIN, "--drain-seconds=5") as served, Client(served.port) as client:
        assert not client.get("/").is_closing
        served.terminate()
        wait_until(lambda: served.get("/").is_closing, 2, "the drain begins")
        assert client.get("/").is_closing


@pytest.mark.parametrize("drain_seconds", [0.5, 10])
def test_a_request_in_flight_at_sigterm_is_answered_and_told_to_close(
    drain_seconds: float,
) -> None:
    # In the longer drain uvicorn has not closed anything yet, so the middleware tells the client.
    option = f"--drain-seconds={drain_seconds}"
    with serving(REFERENCE, option) as served, Client(served.port) as client:
        client.send("/slow?seconds=1.5")
        wait_until(lambda: _in_flight(served) == 1, 5, "the request is in flight")
        served.terminate()
        answer = client.receive()
        assert answer.status == 200
        assert answer.is_closing


def test_a_draining_server_stays_ready_and_updates_its_date() -> None:
    with serving(PLAIN, "--drain-seconds=10") as served:
        served.terminate()
        first = served.get("/").headers["date"]
        wait_until(lambda: served.get("/").headers["date"] != first, 5, "the date changes")
        assert served.ask("/readyz").status == 200
        assert b"uvicorn_draining 1.0" in served.ask("/metrics").body


@pytest.mark.parametrize(
    ("first", "second"),
    [(signal.SIGTERM, None), (signal.SIGTERM, signal.SIGTERM), (signal.SIGINT, None)],
)
def test_the_drain_lasts_as_configured_unless_a_second_signal_or_ctrl_c_ends_it(
    first: signal.Signals, second: signal.Signals | None
) -> None:
    is_short = second is not None or first == signal.SIGINT
    with serving(PLAIN, f"--drain-seconds={30 if is_short else 2}") as served:
        started = time.monotonic()
        served.process.send_signal(first)
        if second is not None:
            wait_until(lambda: "Draining" in served.log(), 5, "the drain begins")
            served.process.send_signal(second)
        served.process.wait(20)
        seconds = time.monotonic() - started
    assert seconds < 10 if is_short else 2 <= seconds < 10


def test_the_exit_status_is_that_of_sigterm_as_in_uvicorn() -> None:
    with serving(PLAIN, "--drain-seconds=0") as served:
        served.terminate()
        assert served.process.wait(20) == -signal.SIGTERM
        assert "Application shutdown complete" in served.log()


def test_the_process_exits_without_a_lifespan_that_does_not_end() -> None:
    options = ("--drain-seconds=0", "--lifespan-seconds=0.5")
    with serving("tests.runtime.apps:never_ends", *options) as served:
        served.terminate()
        served.process.wait(20)
        assert "Lifespan shutdown takes more than 0.5 s" in served.log()


def test_the_process_exits_despite_a_thread_that_does_not_end() -> None:
    options = ("--drain-seconds=0", "--limit-max-requests=1", "--retire-seconds=0")
    with serving(PLAIN, *options) as served:
        served.get("/thread")
        assert served.process.wait(20) == 1


def _in_flight(served: Served) -> float:
    lines = served.ask("/metrics").body.decode().splitlines()
    return next(float(line.split()[1]) for line in lines if line.startswith("uvicorn_requests_in"))
