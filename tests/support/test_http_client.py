"""The client reports each answer as it was sent, and each missing answer as an error."""

import http.client

import pytest

from tests.support.http_client import LOST, Answer, Client, get
from tests.support.scripted_server import CUT, LAST, NOT_HTTP, OK, UNAVAILABLE, answering
from tests.support.waiting import wait_until


def test_client_sends_the_headers_that_are_given_and_no_others() -> None:
    with answering(LAST) as server:
        answer = get(server.port, "/path?a=b", accept_encoding="gzip")
    assert answer == Answer(200, {"content-length": "2", "connection": "close"}, b"ok")
    host = f"Host: 127.0.0.1:{server.port}".encode()
    assert server.requests == [
        b"GET /path?a=b HTTP/1.1\r\n" + host + b"\r\naccept-encoding: gzip\r\n\r\n"
    ]


def test_client_keeps_its_connection_until_the_server_closes_it() -> None:
    with answering(OK, UNAVAILABLE) as server, Client(server.port) as client:
        assert client.get("/").status == 200
        assert not client.is_closed_by_server()
        assert client.get("/").status == 503
        wait_until(client.is_closed_by_server, 5, "the server closes the connection")
        with pytest.raises(LOST):
            client.get("/")
    assert server.connections == 1, "the client opened its connection again"


def test_client_does_not_open_its_connection_again_after_it_was_told_to_close() -> None:
    with answering(LAST, OK) as server, Client(server.port) as client:
        assert client.get("/").is_closing
        with pytest.raises(http.client.NotConnected):
            client.get("/")
    assert server.connections == 1, "the client opened its connection again"


@pytest.mark.parametrize("answer", [CUT, NOT_HTTP, b""], ids=["cut", "not HTTP", "nothing"])
def test_client_raises_when_there_is_no_complete_answer(answer: bytes) -> None:
    with answering(answer) as server, pytest.raises(LOST):
        get(server.port, "/")
    assert len(server.requests) == 1, "the client sent its request again"
