"""What a scaler follows: requests in flight, and the part of the refused ones that would be."""

import asyncio
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from uvicorn_pod.demand import WINDOW_SECONDS, Demand

from tests.runtime.reported import sample
from tests.support.load import load
from tests.support.metrics_text import total
from tests.support.open_loop import arrive
from tests.support.raw_connection import connected
from tests.support.serving import REFERENCE, serving
from tests.support.waiting import wait_until

DEMAND = "uvicorn_requests_demand"
BLOCKING_APP = """
import time

async def app(scope, receive, send):
    time.sleep(5 if scope["path"] == "/block" else 0)
    await send({"type": "http.response.start", "status": 200})
    await send({"type": "http.response.body"})
"""


def test_without_refusals_it_is_the_number_in_flight() -> None:
    demand = Demand()
    demand.sample(500, 0)
    assert demand.requests(7) == 7


def test_a_refused_request_counts_for_as_long_as_others_take() -> None:
    demand = Demand()
    demand.sample(200, 400)  # of 600 requests, a third was answered
    assert demand.requests(10) == 30, f"wanted three times the 10 in flight: {demand.requests(10)}"


def test_it_never_counts_more_than_all_refused_requests() -> None:
    demand = Demand()
    demand.sample(1, 400)  # slow requests: 50 in flight, one ended
    assert demand.requests(50) == 450, f"wanted 50 in flight and 400 refused: {demand.requests(50)}"


def test_refusals_are_forgotten_after_the_window() -> None:
    demand = Demand()
    for _ in range(WINDOW_SECONDS + 1):
        demand.sample(200, 400)
    assert demand.requests(10) == 10


def test_it_counts_requests_that_wait() -> None:
    with serving(REFERENCE) as served, load(served.port, "/slow?seconds=2", 20):
        wait_until(lambda: sample(served, DEMAND) == 20, 5, "a demand of 20 requests")


def test_it_counts_connections_that_a_blocked_event_loop_has_not_accepted(tmp_path: Path) -> None:
    """Their clients wait too. Without them, a scaler would remove pods from under the load."""
    (tmp_path / "blocking.py").write_text(BLOCKING_APP)
    options = (f"--app-dir={tmp_path}", "--lifespan=off", "--max-wait-seconds=0")
    with serving("blocking:app", *options) as served, connected(served.port) as blocking:
        blocking.sendall(b"GET /block HTTP/1.1\r\nhost: a\r\n\r\n")
        wait_until(lambda: sample(served, DEMAND) == 1, 2, "a demand of 1 request")
        with load(served.port, "/", 20):
            wait_until(lambda: sample(served, DEMAND) == 21, 2, "a demand of 21 requests")
            in_flight = sample(served, "uvicorn_requests_in_flight")
    assert in_flight == 1, f"the control: {in_flight} requests are in flight, wanted 1"


def test_it_shows_an_overload_that_the_number_in_flight_hides() -> None:
    """A third of the requests can be answered."""
    seen = (0.0, 0.0)
    with serving(REFERENCE, "--max-wait-seconds=0.3") as served, ThreadPoolExecutor(1) as pool:
        arriving = pool.submit(asyncio.run, arrive(served.port, "/work?ms=20", 150, 6, 1))
        while not arriving.done():
            metrics = served.ask("/metrics").body.decode()
            found = total(metrics, DEMAND), total(metrics, "uvicorn_requests_in_flight")
            seen = max(seen, found)
            time.sleep(0.5)
        arriving.result()
        wait_until(lambda: sample(served, DEMAND) == 0, 3 * WINDOW_SECONDS, "no demand after it")
    demand, in_flight = seen
    assert demand > 2 * max(in_flight, 1), f"demand {demand}, in flight {in_flight}"
