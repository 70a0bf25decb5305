"""Nodes that restart count as ready when they have reported, not while an old report says so."""

from typing import Any

import pytest

from cluster import kind

START = "2026-01-31T12:00:10.123456789Z"


def node(*, heartbeat: str, address: str = "172.18.0.3", status: str = "True") -> dict[str, Any]:
    ready = {"type": "Ready", "status": status, "lastHeartbeatTime": heartbeat}
    addresses = [
        {"type": "InternalIP", "address": address},
        {"type": "Hostname", "address": "uvicorn-worker"},
    ]
    return {"status": {"addresses": addresses, "conditions": [ready]}}


@pytest.mark.parametrize(
    ("reported", "is_ready"),
    [
        (node(heartbeat="2026-01-31T12:00:10Z"), True),
        (node(heartbeat="2026-01-31T12:09:00Z"), True),
        (node(heartbeat="2026-01-31T12:00:09Z"), False),
        (node(heartbeat="2026-01-31T12:09:00Z", status="False"), False),
        (node(heartbeat="2026-01-31T12:09:00Z", address="172.18.0.2"), False),
    ],
    ids=["same second", "later", "before the restart", "not ready", "address before the restart"],
)
def test_node_is_ready_by_a_report_since_its_start_and_with_its_address(
    reported: dict[str, Any], *, is_ready: bool
) -> None:
    # A node may be in a second network, as users of kind connect registries.
    assert kind.is_ready(reported, ["10.1.0.9", "172.18.0.3", ""], START) is is_ready
