"""The strict client reads correct answers, and reports each error of framing."""

import pytest

from tests.support.scripted_server import CUT, LAST, NOT_HTTP, OK, answering
from tests.support.strict_client import FramingError, Reply, StrictClient

CHUNKED = b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n"
NO_BODY = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n"
ERRORS = {
    "two different lengths": OK.replace(b": 2", b": 2\r\ncontent-length: 3"),
    "two equal lengths": OK.replace(b": 2", b": 2\r\ncontent-length: 2"),
    "a length and chunks": CHUNKED.replace(b"chunked", b"chunked\r\ncontent-length: 2"),
    "two codings": OK.replace(b": 2", b": 2\r\ncontent-encoding: gzip\r\ncontent-encoding: gzip"),
    "bytes after the end": OK + b"!",
    "bytes after the last chunk": CHUNKED + b"\r\n",
    "bytes after the last answer": LAST + b"!",
    "a length that is too large": CUT,
    "chunks without an end": CHUNKED.removesuffix(b"0\r\n\r\n"),
    "no HTTP": NOT_HTTP,
    "no answer": b"",
}


def test_strict_client_reads_correct_answers_on_one_connection() -> None:
    with answering(OK, CHUNKED, NO_BODY, OK) as server, StrictClient(server.port) as client:
        sized, chunked, head, posted = (
            client.ask("/"),
            client.ask("/", headers={"accept": "text/plain"}),
            client.ask("/", "HEAD"),
            client.ask("/", "POST", b"a=1"),
        )
    assert sized == posted == Reply(200, (("content-length", "2"),), b"ok")
    assert chunked == Reply(200, (("transfer-encoding", "chunked"),), b"ok")
    assert head == Reply(200, (("content-length", "2"),), b"")
    assert server.connections == 1
    assert server.requests[1].endswith(b"\r\naccept: text/plain\r\n\r\n"), server.requests[1]
    assert server.requests[3].endswith(b"\r\ncontent-length: 3\r\n\r\na=1"), server.requests[3]


def test_strict_client_connects_again_after_an_answer_that_says_so() -> None:
    with answering(LAST) as server, StrictClient(server.port) as client:
        assert [client.ask("/").body, client.ask("/").body] == [b"ok", b"ok"]
    assert server.connections == 2, f"{server.connections} connections, wanted one per answer"


@pytest.mark.parametrize("error", ERRORS)
def test_strict_client_reports(error: str) -> None:
    with (
        answering(ERRORS[error]) as server,
        pytest.raises(FramingError),
        StrictClient(server.port) as client,
    ):
        client.ask("/")


def test_strict_client_reports_a_body_in_the_answer_to_head() -> None:
    with (
        answering(OK) as server,
        pytest.raises(FramingError),
        StrictClient(server.port) as client,
    ):
        client.ask("/", "HEAD")
