"""The number of waiting connections is unknown where the kernel does not list them, not zero."""

import socket
from pathlib import Path

import pytest
from uvicorn_pod import tcp_table

from tests.support.http_client import HOST
from tests.support.raw_connection import connected

MISSING = Path("/proc/net/missing")


@pytest.mark.parametrize("missing", ["", "IPV6"], ids=["all tables", "no IPv6"])
def test_connections_that_nobody_accepted_are_counted(
    monkeypatch: pytest.MonkeyPatch, missing: str
) -> None:
    if missing:
        monkeypatch.setattr(tcp_table, missing, MISSING)
    with socket.create_server((HOST, 0)) as listener:
        port = listener.getsockname()[1]
        assert tcp_table.count_waiting({port}) == 0
        with connected(port), connected(port):
            assert tcp_table.count_waiting({port}) == 2
            assert tcp_table.count_waiting({port + 1}) == 0
            listener.accept()[0].close()
            assert tcp_table.count_waiting({port}) == 1


def test_the_number_is_unknown_without_a_table(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tcp_table, "IPV4", MISSING)
    assert tcp_table.count_waiting({80}) is None
