"""What an app relies on behind a proxy: rollouts, client addresses, streams and uploads."""

import json
import time
from collections.abc import Callable
from ipaddress import ip_address, ip_network
from typing import Any

from websockets.sync.client import connect

from tests.e2e.release import PLAIN_UVICORN, Release
from tests.e2e.rollouts import probe_rollouts
from tests.support.http_client import Client
from tests.support.prober import Tally

FEWEST_ROLLOUTS = 2
FEWEST_REQUESTS = 6_000
POD_NETWORK = "10.244.0.0/16"
FORGED = "203.0.113.7"
UPLOAD = b"a" * 10_000_000
# The reference service, with a WebSocket that sends back what it gets, and POSTs that are all
# answered at the same moment, so that their connections also become idle then.
APP = """\
import asyncio
import time

from fastapi import FastAPI, WebSocket
from reference.main import app as reference

app = FastAPI()


@app.websocket("/websocket")
async def talk(websocket: WebSocket):
    await websocket.accept()
    await websocket.send_text(await websocket.receive_text())


@app.post("/together")
async def answer_together():
    await asyncio.sleep(2 - time.time() % 1)


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
"""Values of the control."""


def rollouts_lose_nothing(
    release: Release,
    control: Release,
    ports: tuple[int, int],
    record_property: Callable[[str, object], None],
) -> None:
    """Rolls out under 300 requests/s to the proxies of both, which listen on `ports`."""

    def is_enough(rollouts: int, tally: Tally) -> bool:
        return rollouts >= FEWEST_ROLLOUTS and tally.requests >= FEWEST_REQUESTS

    rollouts, tally = probe_rollouts(release, is_enough, ports[0])
    in_control, of_control = probe_rollouts(control, lambda _, tally: bool(tally.lost), ports[1])
    record_property("note", f"{rollouts} rollouts: {tally}; control, {in_control}: {of_control}")
    assert of_control.lost, f"{control.namespace} lost nothing, so this test proves nothing"
    assert tally.requests >= FEWEST_REQUESTS, f"only {tally.requests} requests were sent"
    assert not tally.lost, f"rollouts of {release.namespace} lost requests: {tally}"


def seen_by_app(client: Client) -> dict[str, Any]:
    """A request as the app sees it. Its sender claims to be FORGED."""
    answer = client.get("/echo", x_forwarded_for=FORGED)
    assert answer.status == 200, f"GET /echo: {answer}"
    return dict(json.loads(answer.body))


def only_the_proxy_is_believed(port: int, proxy: int, control_proxy: int) -> None:
    """The app sees the address of a client behind its proxy, and none that a client claims.

    The ports are that of the release, of its proxy, and of the proxy of the control.
    """
    direct, behind, of_control = (_client_seen_by_app(one) for one in (port, proxy, control_proxy))
    pods = ip_network(POD_NETWORK)
    assert ip_address(of_control) in pods, f"the control, which believes no proxy: {of_control}"
    assert ip_address(behind) not in pods, f"behind the proxy the app sees the proxy's own {behind}"
    assert FORGED not in (behind, direct), f"believed a client: {behind} behind, {direct} direct"


def _client_seen_by_app(port: int) -> str:
    with Client(port) as client:
        return str(seen_by_app(client)["client"])


def websocket_passes(uri: str, **options: Any) -> None:
    """Sends a text over a WebSocket and gets it back."""
    with connect(uri, **options) as websocket:
        websocket.send("over the proxy")
        assert websocket.recv(timeout=10) == "over the proxy"


def events_pass_one_by_one(client: Client) -> None:
    """Gets the first of three events long before the last one."""
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


def upload_passes(client: Client) -> None:
    """Uploads 10 MB, which reach the app completely."""
    client.send_post("/echo", UPLOAD)
    answer = client.receive()
    assert answer.status == 200, f"POST /echo with {len(UPLOAD)} bytes: {answer.status}"
    assert f'"body_bytes":{len(UPLOAD)}'.encode() in answer.body.replace(b" ", b""), answer.body
