"""Requests over --limit-concurrency are counted and logged like other requests."""

from tests.runtime.reported import access_lines, sample
from tests.support.http_client import Client
from tests.support.serving import serving
from tests.support.waiting import wait_until

APP = "tests.runtime.answering:plain"


def test_a_request_over_the_limit_is_counted_and_logged_and_does_not_reach_the_app() -> None:
    with serving(APP, "--limit-concurrency=2") as served, Client(served.port) as client:
        client.send("/wait?seconds=1.5")
        wait_until(lambda: sample(served, "uvicorn_requests_in_flight") == 1, 5, "one is in flight")
        answers = [served.get("/text?token=sentinel") for _ in range(3)]
        assert [answer.status for answer in answers] == [503] * 3
        assert {answer.body for answer in answers} == {b"Service Unavailable"}
        assert client.receive().status == 200
        lines = access_lines(served, 4)
        logged = [(line["path"], line["status"], line["bytes"]) for line in lines]
        assert logged == [("/text", 503, 19)] * 3 + [("/wait", 200, 4)]
        assert "sentinel" not in served.log()
        assert sample(served, "uvicorn_requests_refused_total", status="503") == 3
        total = sample(served, "uvicorn_requests_total", route="unmatched", status="5xx")
        assert total == 3
        timed = sample(served, "uvicorn_request_duration_seconds_count")
        assert timed == 1, "the times of refused requests would hide those of the others"


def test_an_answer_below_the_limit_is_not_counted_as_refused() -> None:
    with serving(APP, "--limit-concurrency=10") as served:
        assert served.get("/text").status == 200
        (line,) = access_lines(served, 1)
        assert line["status"] == 200
        assert sample(served, "uvicorn_requests_refused_total") == 0
