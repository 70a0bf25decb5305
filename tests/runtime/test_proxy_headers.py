"""Only a trusted proxy can set the client's address and scheme."""

import json

import pytest

from tests.support.http_client import Client
from tests.support.serving import REFERENCE, serving
from tests.support.waiting import wait_until

FORGED = "203.0.113.66"
REAL = "192.0.2.1"


@pytest.mark.parametrize(
    ("options", "client", "scheme"),
    [
        # The test connects from loopback, as a sidecar does.
        ([], REAL, "https"),
        (["--forwarded-allow-ips=127.0.0.0/8"], REAL, "https"),
        (["--forwarded-allow-ips=198.51.100.1"], "127.0.0.1", "http"),
        (["--forwarded-allow-ips=198.51.100.0/24,::1"], "127.0.0.1", "http"),
        (["--no-proxy-headers"], "127.0.0.1", "http"),
        (["--forwarded-allow-ips=*"], FORGED, "https"),
    ],
)
def test_only_a_trusted_proxy_sets_client_and_scheme(
    options: list[str], client: str, scheme: str
) -> None:
    with serving(REFERENCE, *options) as served, Client(served.port) as connection:
        forwarded = {"x_forwarded_for": f"{FORGED}, {REAL}", "x_forwarded_proto": "https"}
        seen = json.loads(connection.get("/echo", **forwarded).body)
        assert (seen["client"], seen["scheme"]) == (client, scheme)
        wait_until(lambda: "uvicorn.access" in served.log(), 5, "the request is logged")
        log = [json.loads(line) for line in served.log().splitlines()]
    assert [line["client"] for line in log if line["logger"] == "uvicorn.access"] == [client]
    warned = [line for line in log if line["level"] == "WARNING"]
    assert len(warned) == ("*" in "".join(options))


def test_a_request_does_not_inherit_the_forwarded_address_of_the_request_before() -> None:
    with serving(REFERENCE) as served:
        with Client(served.port) as connection:
            connection.get("/echo", x_forwarded_for=REAL)
            seen = json.loads(connection.get("/echo").body)
        assert seen["client"] == "127.0.0.1"
