"""The prober counts each request without a complete 200 as lost, and nothing else."""

import re
import time

import pytest

from tests.support.prober import MOST_LOSSES, REQUESTS_PER_SECOND, Tally, probing
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


def test_prober_tells_how_and_when_the_first_requests_were_lost() -> None:
    with answering(UNAVAILABLE) as server, probing(server.port, kept=0, fresh=1) as tally:
        wait_until(lambda: tally.requests > MOST_LOSSES, 20, "more losses than it tells of")
    assert len(tally.first_losses) == MOST_LOSSES
    seconds = []
    for loss in tally.first_losses:
        found = re.fullmatch(r"fresh: status 503 after (\d+\.\d) s \(.*\)", loss)
        assert found, loss
        seconds.append(float(found[1]))
    fewest_seconds = (MOST_LOSSES - 1) / REQUESTS_PER_SECOND
    assert seconds[-1] - seconds[0] >= fewest_seconds - 0.1, f"at its rate: {tally}"
    assert seconds[0] < seconds[-1] / 2, f"since the probing began: {tally}"


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
