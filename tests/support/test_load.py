"""The load generator counts answers and failures, and stays within its bounds."""

from collections import Counter

import pytest

from tests.support import load as load_module
from tests.support.load import MOST_CLIENTS, load
from tests.support.scripted_server import CUT, OK, UNAVAILABLE, answering
from tests.support.waiting import wait_until


def _tally(port: int, *, is_kept: bool = False) -> Counter[str]:
    with load(port, "/", clients=3, is_kept=is_kept) as tally:
        wait_until(lambda: tally.total() >= 12, 10, "twelve requests")
    return tally


@pytest.mark.parametrize(
    ("answer", "name"), [(OK, "200"), (UNAVAILABLE, "503"), (CUT, "IncompleteRead")]
)
def test_load_counts_answers_by_status_and_failures_by_name(answer: bytes, name: str) -> None:
    with answering(answer) as server:
        tally = _tally(server.port)
    assert set(tally) == {name}
    assert len(server.requests) == tally[name]


def test_load_opens_a_connection_for_each_request_unless_they_are_kept() -> None:
    with answering(*[OK] * 10_000) as server:
        tally = _tally(server.port)
        assert server.connections == tally["200"]
        kept = _tally(server.port, is_kept=True)
    assert set(kept) == {"200"}
    assert server.connections == tally["200"] + 3


def test_load_raises_at_its_number_of_requests(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(load_module, "MOST_REQUESTS", 4)
    with answering(OK) as server, pytest.raises(RuntimeError, match="3 of 3 clients ended"):
        _tally(server.port)
    assert len(server.requests) == 3 * 4


def test_load_raises_after_its_seconds(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(load_module, "MOST_SECONDS", -1)
    with (
        answering(OK) as server,
        pytest.raises(RuntimeError, match="3 of 3 clients ended"),
        load(server.port, "/", clients=3),
    ):
        pass
    assert not server.requests, "a client sent a request after its deadline"


def test_load_refuses_more_clients_than_its_bound() -> None:
    with (
        pytest.raises(ValueError, match="65 clients, wanted at most 64"),
        load(1, "/", MOST_CLIENTS + 1),
    ):
        pass
