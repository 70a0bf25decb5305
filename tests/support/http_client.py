"""Plain HTTP to a port on loopback, with the headers and bytes as they came."""

import http.client
from collections.abc import Mapping
from dataclasses import dataclass

HOST = "127.0.0.1"


@dataclass(frozen=True)
class Answer:
    """Status, headers (names in lower case) and the body as it was sent, still compressed."""

    status: int
    headers: Mapping[str, str]
    body: bytes


def get(
    port: int, path: str, headers: Mapping[str, str] | None = None, timeout_seconds: float = 10
) -> Answer:
    """GET on a connection of its own; raises OSError or HTTPException where there is no answer."""
    connection = http.client.HTTPConnection(HOST, port, timeout=timeout_seconds)
    try:
        connection.putrequest("GET", path, skip_accept_encoding=True)
        for name, value in (headers or {}).items():
            connection.putheader(name, value)
        connection.endheaders()
        response = connection.getresponse()
        fields = {name.lower(): value for name, value in response.getheaders()}
        return Answer(response.status, fields, response.read())
    finally:
        connection.close()
