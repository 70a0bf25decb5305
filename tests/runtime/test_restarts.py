"""Restarts behind a balancer that learns of them late lose no request; without a drain they do.

RESTARTS sets their number, 1,000 requests each: `RESTARTS=5 pytest tests/runtime/test_restarts.py`.
"""

import os
import time
from contextlib import ExitStack

from tests.support.balancer import Balancer, balancing
from tests.support.http_client import Client
from tests.support.prober import Tally, probing
from tests.support.serving import REFERENCE, Served, serving
from tests.support.waiting import wait_until

PLAIN = "tests.runtime.apps:plain"
DELAY_SECONDS = 0.4  # from the signal until the balancer switches servers
RESTARTS = int(os.environ.get("RESTARTS", "2"))
REQUESTS = 1000  # of each restart
DRAIN = "--drain-seconds=1.2"


def _restart(balancer: Balancer, module: str, options: tuple[str, ...], times: int) -> Tally:
    """Replaces the server under load, and waits for enough requests after each restart."""
    until = "/readyz" if module == "uvicorn_pod" else "port"

    def start(stack: ExitStack) -> Served:
        return stack.enter_context(serving(PLAIN, *options, module=module, until=until))

    with ExitStack() as stack:
        old = start(stack)
        balancer.server_port = old.port
        with probing(balancer.port) as tally:
            for _ in range(times):
                enough = tally.requests + REQUESTS
                new = start(stack)
                old.terminate()
                time.sleep(DELAY_SECONDS)  # the delay itself, so there is no event to wait for
                balancer.server_port = new.port
                old.process.wait(20)
                _wait_for_requests(tally, enough)
                old = new
    return tally


def _wait_for_requests(tally: Tally, count: int) -> None:
    wait_until(lambda: tally.requests >= count, 30, f"{count} requests")


def test_restarts_lose_no_request() -> None:
    with balancing() as balancer:
        tally = _restart(balancer, "uvicorn_pod", (DRAIN, "--no-access-log"), times=RESTARTS)
    assert not tally.lost, tally
    assert tally.answered >= REQUESTS * RESTARTS


def test_a_restart_without_a_drain_loses_requests() -> None:
    with balancing() as balancer:
        tally = _restart(balancer, "uvicorn", ("--no-access-log",), times=1)
    assert tally.lost, "the test above proves nothing"


def test_fifty_slow_requests_in_flight_are_all_answered() -> None:
    with serving(REFERENCE, "--drain-seconds=0.2") as served, ExitStack() as stack:
        clients = [stack.enter_context(Client(served.port, 30)) for _ in range(50)]
        for client in clients:
            client.send("/slow?seconds=2")
        wait_until(lambda: b"_in_flight 50.0" in served.ask("/metrics").body, 10, "50 in flight")
        served.terminate()
        assert [client.receive().status for client in clients] == [200] * 50
        served.process.wait(20)
