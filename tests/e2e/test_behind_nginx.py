"""A release behind nginx: rollouts, client addresses, WebSockets, event streams and uploads."""

import json
import time
from collections.abc import Callable
from ipaddress import ip_address, ip_network
from typing import Any

import pytest
from websockets.sync.client import connect

from tests.e2e.conftest import Install, install_together
from tests.e2e.nginx import install_nginx
from tests.e2e.release import PLAIN_UVICORN, Release
from tests.e2e.rollouts import probe_rollouts
from tests.support.http_client import HOST, Client, get
from tests.support.prober import Tally

pytestmark = pytest.mark.quiet

PORT, CONTROL_PORT = 8081, 8083
PROXY_PORT, CONTROL_PROXY_PORT = 8085, 8087
FEWEST_ROLLOUTS = 2
FEWEST_REQUESTS = 6_000
POD_NETWORK = "10.244.0.0/16"
FORGED = "203.0.113.7"
UPLOAD = b"a" * 10_000_000
# The reference service, with a WebSocket that sends back what it gets.
APP = """\
from fastapi import FastAPI, WebSocket
from reference.main import app as reference

app = FastAPI()


@app.websocket("/websocket")
async def talk(websocket: WebSocket):
    await websocket.accept()
    await websocket.send_text(await websocket.receive_text())


app.mount("/", reference)
"""
VALUES: dict[str, Any] = {
    "app": "proxied:app",
    "config": {"files": {"proxied.py": APP}},
    "env": {"UVICORN_APP_DIR": "/etc/app", "PYTHONPATH": "/app"},
    "autoscaling": {"enabled": False},
    "replicaCount": 3,
    "resources": {"requests": {"cpu": "50m"}},
    "uvicorn": {"forwardedAllowIps": POD_NETWORK},
}
NAIVE = VALUES | PLAIN_UVICORN | {"uvicorn": {}}


@pytest.fixture(scope="module")
def pair(install: Install) -> tuple[Release, Release]:
    """The release and its control, plain uvicorn, each with an nginx in front of its Service."""
    release, control = install_together(
        install, ("nginx", PORT, VALUES), ("nginx-naive", CONTROL_PORT, NAIVE)
    )
    install_nginx(release, PROXY_PORT)
    install_nginx(control, CONTROL_PROXY_PORT)
    return release, control


def test_rollouts_behind_nginx_lose_no_request(
    pair: tuple[Release, Release], record_property: Callable[[str, object], None]
) -> None:
    release, control = pair

    def is_enough(rollouts: int, tally: Tally) -> bool:
        return rollouts >= FEWEST_ROLLOUTS and tally.requests >= FEWEST_REQUESTS

    rollouts, tally = probe_rollouts(release, is_enough, PROXY_PORT)
    in_control, of_control = probe_rollouts(
        control, lambda _, tally: bool(tally.lost), CONTROL_PROXY_PORT
    )
    record_property("note", f"{rollouts} rollouts: {tally}; control, {in_control}: {of_control}")
    assert of_control.lost, f"{control.namespace} lost nothing, so this test proves nothing"
    assert tally.requests >= FEWEST_REQUESTS, f"only {tally.requests} requests were sent"
    assert not tally.lost, f"rollouts of {release.namespace} lost requests: {tally}"


def client_seen_by_app(port: int) -> str:
    """The address that the app takes for that of a client, which claims to be FORGED."""
    answer = get(port, "/echo", x_forwarded_for=FORGED)
    assert answer.status == 200, f"GET /echo on {port}: {answer}"
    return str(json.loads(answer.body)["client"])


@pytest.mark.usefixtures("pair")
def test_the_address_of_a_client_is_believed_from_the_pod_network_alone() -> None:
    behind, direct = client_seen_by_app(PROXY_PORT), client_seen_by_app(PORT)
    of_control = client_seen_by_app(CONTROL_PROXY_PORT)
    pods = ip_network(POD_NETWORK)
    assert ip_address(of_control) in pods, f"the control, which believes no proxy: {of_control}"
    assert ip_address(behind) not in pods, f"behind nginx the app sees nginx's own {behind}"
    assert FORGED not in (behind, direct), f"believed a client: {behind} behind, {direct} direct"


@pytest.mark.usefixtures("pair")
def test_a_websocket_passes_the_proxy() -> None:
    with connect(f"ws://{HOST}:{PROXY_PORT}/websocket") as websocket:
        websocket.send("over nginx")
        assert websocket.recv(timeout=10) == "over nginx"


@pytest.mark.usefixtures("pair")
def test_events_pass_the_proxy_one_by_one() -> None:
    with Client(PROXY_PORT) as client:
        client.send("/stream?count=3&interval_seconds=1")
        begun = time.monotonic()
        answer = client.receive_head()
        first = answer.read1()
        until_first = time.monotonic() - begun
        rest = answer.read()
        until_last = time.monotonic() - begun
    assert (first + rest).count(b"data:") == 3, f"events {first + rest!r}"
    assert until_last >= 2, f"the control: all events came within {until_last:.1f} s"
    assert until_first < until_last / 2, (
        f"first event after {until_first:.1f} s of {until_last:.1f}"
    )


@pytest.mark.usefixtures("pair")
def test_a_large_upload_passes_the_proxy() -> None:
    with Client(PROXY_PORT, 60) as client:
        client.send_post("/echo", UPLOAD)
        answer = client.receive()
    assert answer.status == 200, f"POST /echo with {len(UPLOAD)} bytes: {answer.status}"
    assert f'"body_bytes":{len(UPLOAD)}'.encode() in answer.body.replace(b" ", b""), answer.body
