"""A kept connection ends after an age, between two requests, so that new pods get their share."""

import time

from tests.runtime.reported import sample
from tests.support.http_client import Client
from tests.support.serving import REFERENCE, serving
from tests.support.waiting import wait_until

AGE = 0.4


def _requests_until_closed(port: int, most_seconds: float) -> tuple[int, float]:
    """Sends requests on one connection until the server ends it."""
    begun = time.monotonic()
    requests = 0
    with Client(port) as client:
        while time.monotonic() - begun < most_seconds:
            client.send("/bytes?size=1")
            answer = client.receive()
            assert answer.status == 200, f"request {requests}: {answer}"
            requests += 1
            if answer.is_closing:
                break
            time.sleep(0.01)
    return requests, time.monotonic() - begun


def test_a_connection_ends_with_the_first_answer_after_its_age_and_ages_differ() -> None:
    with serving(REFERENCE, f"--max-connection-seconds={AGE}") as served:
        ages = [_requests_until_closed(served.port, 5)[1] for _ in range(8)]
        expired = sample(served, "uvicorn_connections_expired_total")
    assert expired == 8, f"{expired} connections are counted, 8 ended"
    assert all(0.75 * AGE <= age < 1.25 * AGE + 0.5 for age in ages), f"ages: {ages}"
    assert max(ages) - min(ages) > 0.02, f"no jitter in {ages}"


def test_zero_keeps_a_connection() -> None:
    with serving(REFERENCE, "--max-connection-seconds=0") as served:
        with Client(served.port):
            wait_until(lambda: sample(served, "uvicorn_connections") == 1, 5, "one is counted")
        requests, seconds = _requests_until_closed(served.port, 4 * AGE)
        assert sample(served, "uvicorn_connections_expired_total") == 0
        wait_until(lambda: sample(served, "uvicorn_connections") == 0, 5, "none is open")
    assert seconds >= 4 * AGE, f"the connection ended after {requests} requests, {seconds:.1f} s"
