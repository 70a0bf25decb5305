"""The prober counts each request without a complete 200 as lost, and nothing else."""

import time

import pytest

from tests.support.prober import REQUESTS_PER_SECOND, Tally, probing
from tests.support.scripted_server import CUT, LAST, NOT_HTTP, OK, UNAVAILABLE, answering
from tests.support.serving import free_port
from tests.support.waiting import wait_until


def _tally(port: int, *, kept: int = 2, fresh: int = 2) -> Tally:
    with probing(port, kept=kept, fresh=fresh) as tally:
        wait_until(lambda: tally.requests >= 16, 20, "sixteen requests")
    return tally


def test_prober_counts_answers_on_kept_and_fresh_connections() -> None:
    with answering(*[OK] * 10_000) as server:
        tally = _tally(server.port)
    assert (tally.answered, tally.told_to_close, tally.lost) == (len(server.requests), 0, {})
    fresh = [request for request in server.requests if b"connection: close" in request]
    assert server.connections == len(fresh) + 2


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (UNAVAILABLE, "status 503"),
        (CUT, "IncompleteRead"),
        (NOT_HTTP, "BadStatusLine"),
        (b"", "RemoteDisconnected"),
    ],
)
def test_prober_counts_each_unexpected_answer_as_lost(answer: bytes, reason: str) -> None:
    with answering(answer) as server:
        tally = _tally(server.port)
    assert tally.answered == 0
    assert set(tally.lost) == {f"kept: {reason}", f"fresh: {reason}"}
    assert tally.lost.total() == len(server.requests), "the prober sent a request again"


def test_prober_counts_a_refused_connection_as_lost() -> None:
    tally = _tally(free_port())
    assert set(tally.lost) == {"kept: ConnectionRefusedError", "fresh: ConnectionRefusedError"}


def test_prober_does_not_count_a_connection_closed_between_two_requests_as_lost() -> None:
    with answering(OK, OK) as server:
        tally = _tally(server.port, fresh=0)
    assert tally.lost == {}
    assert server.connections >= tally.answered / 2


def test_prober_opens_the_next_connection_when_it_is_told_to_close() -> None:
    with answering(LAST, UNAVAILABLE) as server:
        tally = _tally(server.port, fresh=0)
    assert tally.lost == {}
    assert tally.told_to_close == tally.answered == server.connections


def test_prober_keeps_to_its_rate() -> None:
    with answering(OK) as server, probing(server.port) as tally:
        time.sleep(1)  # the time itself, so there is no event to wait for
    assert 0 < tally.answered <= 30 * (REQUESTS_PER_SECOND + 1)
