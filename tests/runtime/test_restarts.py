"""Restarts behind a balancer that learns of them late lose no request; without a drain they do.

RESTARTS sets their number, 1,000 requests each: `RESTARTS=5 pytest tests/runtime/test_restarts.py`.
"""

import os
import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack

from tests.support.balancer import Balancer, balancing
from tests.support.serving import REFERENCE, Client, Served, serving
from tests.support.waiting import wait_until

PLAIN = "tests.runtime.apps:plain"
DELAY_SECONDS = 0.4  # from the signal until the balancer switches servers
RESTARTS = int(os.environ.get("RESTARTS", "2"))
DRAIN = "--drain-seconds=1.2"


def _ask_over_and_over(port: int, stop: threading.Event, tally: Counter[str]) -> None:
    """Asks on one connection until told to close it, then on the next; never retries."""
    while not stop.is_set():
        try:
            with Client(port) as client:
                is_told = False
                while not is_told and not stop.is_set():
                    answer = client.get("/")
                    is_told = answer.headers.get("connection") == "close"
                    tally.update(answered=answer.status == 200)
        except OSError:
            tally.update(lost=1)
            stop.wait(0.02)


def _restart(balancer: Balancer, module: str, options: tuple[str, ...], times: int) -> Counter[str]:
    """Replaces the server that often, under load, and at least until 1,000 answers each."""
    tally: Counter[str] = Counter()
    stop = threading.Event()
    until = "/readyz" if module == "uvicorn_pod" else "port"

    def start(stack: ExitStack) -> Served:
        return stack.enter_context(serving(PLAIN, *options, module=module, until=until))

    with ExitStack() as stack, ThreadPoolExecutor(4) as pool:
        old = start(stack)
        balancer.server_port = old.port
        clients = [pool.submit(_ask_over_and_over, balancer.port, stop, tally) for _ in range(4)]
        try:
            for _ in range(times):
                enough = tally["answered"] + 1000
                new = start(stack)
                old.terminate()
                time.sleep(DELAY_SECONDS)  # the delay itself, nothing to wait for
                balancer.server_port = new.port
                old.process.wait(20)
                _wait_for_answers(tally, enough)
                old = new
        finally:
            stop.set()
    assert [client.result() for client in clients] == [None] * 4
    return tally


def _wait_for_answers(tally: Counter[str], count: int) -> None:
    wait_until(lambda: tally["answered"] >= count, 30, f"{count} answers")


def test_restarts_lose_no_request() -> None:
    with balancing() as balancer:
        tally = _restart(balancer, "uvicorn_pod", (DRAIN, "--no-access-log"), times=RESTARTS)
    assert tally["answered"] >= 1000 * RESTARTS
    assert tally["lost"] == 0


def test_a_restart_without_a_drain_loses_requests() -> None:
    with balancing() as balancer:
        tally = _restart(balancer, "uvicorn", ("--no-access-log",), times=1)
    assert tally["lost"] > 0, "the test above proves nothing"


def test_fifty_slow_requests_in_flight_are_all_answered() -> None:
    with serving(REFERENCE, "--drain-seconds=0.2") as served, ExitStack() as stack:
        clients = [stack.enter_context(Client(served.port, 30)) for _ in range(50)]
        for client in clients:
            client.send("/slow?seconds=2")
        wait_until(lambda: b"_in_flight 50.0" in served.ask("/metrics").body, 10, "50 in flight")
        served.terminate()
        assert [client.receive().status for client in clients] == [200] * 50
        served.process.wait(20)
