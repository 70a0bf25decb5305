"""What a scaler follows: requests in flight, and the part of the refused ones that would be."""

import asyncio
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from pathlib import Path
from socket import create_connection

import pytest
from uvicorn_pod.demand import WINDOW_SECONDS, Demand

from tests.runtime.reported import sample
from tests.support.http_client import HOST
from tests.support.load import load
from tests.support.metrics_text import total
from tests.support.open_loop import arrive
from tests.support.serving import REFERENCE, Served, serving
from tests.support.waiting import wait_until

DEMAND = "uvicorn_requests_demand"
IN_FLIGHT = "uvicorn_requests_in_flight"
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


@contextmanager
def blocked(folder: Path, *options: str, host: str = HOST) -> Iterator[Served]:
    """Yields a server whose event loop is blocked by the only request in flight."""
    (folder / "blocking.py").write_text(BLOCKING_APP)
    always = (f"--app-dir={folder}", "--lifespan=off", "--max-wait-seconds=0")
    with (
        serving("blocking:app", *always, *options) as served,
        create_connection((host, served.port), timeout=20) as blocking,
    ):
        blocking.sendall(b"GET /block HTTP/1.1\r\nhost: a\r\n\r\n")
        wait_until(lambda: sample(served, IN_FLIGHT) == 1, 2, "one request in flight")
        yield served


def test_it_counts_connections_that_a_blocked_event_loop_has_not_accepted(tmp_path: Path) -> None:
    """Their clients wait too. Without them, a scaler would remove pods from under the load."""
    with blocked(tmp_path) as served, load(served.port, "/", 20):
        wait_until(lambda: sample(served, DEMAND) == 21, 2, "a demand of 21 requests")
        in_flight = sample(served, IN_FLIGHT)
    assert in_flight == 1, f"the control: {in_flight} requests are in flight, wanted 1"


@pytest.mark.parametrize("host", ["127.0.0.1", "::1"])
def test_it_does_not_count_clients_that_have_left(tmp_path: Path, host: str) -> None:
    """Clients that give up and try again would ask for a pod each time."""
    with blocked(tmp_path, "--host=", host=host) as served, ExitStack() as clients:
        for number in range(20):
            client = create_connection((host, served.port), timeout=2)
            if number < 5:
                clients.enter_context(client)
            else:
                client.close()
        wait_until(lambda: sample(served, DEMAND) == 6, 2, "a demand of 1 request and 5 clients")
        kept = length_of_the_queue(served)
    assert kept == 20, f"the control: the kernel keeps {kept} connections, wanted 20"


def length_of_the_queue(served: Served) -> int:
    """Returns how many connections to the server's port no process has accepted, left or not."""
    port = f":{served.port:04X}"
    rows = [
        line.split()
        for table in ("/proc/net/tcp", "/proc/net/tcp6")
        for line in Path(table).read_text().splitlines()[1:]
    ]
    accepted_by_none = [row for row in rows if row[1].endswith(port) and row[9] == "0"]
    return len(accepted_by_none)


def test_it_shows_an_overload_that_the_number_in_flight_hides() -> None:
    """A third of the requests can be answered."""
    seen = (0.0, 0.0)
    with serving(REFERENCE, "--max-wait-seconds=0.3") as served, ThreadPoolExecutor(1) as pool:
        arriving = pool.submit(asyncio.run, arrive(served.port, "/work?ms=20", 150, 6, 1))
        while not arriving.done():
            metrics = served.ask("/metrics").body.decode()
            found = total(metrics, DEMAND), total(metrics, IN_FLIGHT)
            seen = max(seen, found)
            time.sleep(0.5)
        arriving.result()
        wait_until(lambda: sample(served, DEMAND) == 0, 3 * WINDOW_SECONDS, "no demand after it")
    demand, in_flight = seen
    assert demand > 2 * max(in_flight, 1), f"demand {demand}, in flight {in_flight}"
