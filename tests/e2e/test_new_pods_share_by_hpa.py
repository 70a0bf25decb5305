"""At the default age of a connection, pods that the HPA adds get their share, also behind a proxy.

The long form of test_new_pods_share: 2 → 8 pods. Behind nginx, clients keep their connections to
nginx, and nginx keeps connections to the pods. The control is plain uvicorn behind nginx.
"""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from tests.e2e.conftest import Install
from tests.e2e.kept_connections import BOUNDS, Moments, counted, logged, measure
from tests.e2e.nginx import install_nginx
from tests.e2e.release import PLAIN_UVICORN

pytestmark = [pytest.mark.quiet, pytest.mark.long]

PORT = 8081
PROXY_PORT = 8083
CONTROL_PROXY_PORT = 8085
PODS = (2, 8)
READY_SECONDS = 150  # the HPA acts every 15 s, and needs several steps
LEAST_SHARE = 0.8
# One of eight pods has 8 of 64 connections, give or take 2.6. Two minutes are many draws.
MOMENTS = Moments(begin=60, end=180)
# nginx prefers the connection that it used last. Without pauses, each of its connections is in use.
BUSY = replace(BOUNDS, pause_seconds=0, requests=5_000)
VALUES: dict[str, Any] = {
    "autoscaling": {"minReplicas": PODS[0], "maxReplicas": PODS[1]},
    "drainSeconds": 1,
    "resources": {"requests": {"cpu": "50m"}, "limits": {"cpu": "150m"}},
}
NAIVE = VALUES | PLAIN_UVICORN


def _nothing() -> None:
    """The load itself has the HPA add pods."""


def test_pods_that_the_hpa_adds_get_their_share(
    install: Install, record_property: Callable[[str, object], None]
) -> None:
    release = install("share-direct", PORT, values=VALUES)
    result = measure(release, PORT, PODS, counted, _nothing, MOMENTS, ready_seconds=READY_SECONDS)
    record_property("note", f"{result}")

    assert min(result.new_shares) >= LEAST_SHARE, f"wanted {LEAST_SHARE} of a fair share: {result}"
    assert not result.tally.lost, f"{release.namespace} lost requests: {result}"
    assert result.p99_after < result.p99_before, f"the new pods made nothing faster: {result}"


def test_pods_behind_a_proxy_get_their_share(
    install: Install, record_property: Callable[[str, object], None]
) -> None:
    release = install("share-nginx", PORT + 1, values=VALUES)
    install_nginx(release, PROXY_PORT)
    control = install("share-nginx-naive", PORT + 3, values=NAIVE)
    install_nginx(control, CONTROL_PROXY_PORT)
    options: dict[str, Any] = {"ready_seconds": READY_SECONDS, "bounds": BUSY}
    result = measure(release, PROXY_PORT, PODS, counted, _nothing, MOMENTS, **options)
    moments = Moments(begin=0, end=30)
    of_control = measure(control, CONTROL_PROXY_PORT, PODS, logged, _nothing, moments, **options)
    record_property("note", f"{result}; control: {of_control}")

    assert max(of_control.new_shares) < LEAST_SHARE / 2, f"the control shares: {of_control}"
    assert min(result.new_shares) >= LEAST_SHARE, f"wanted {LEAST_SHARE} of a fair share: {result}"
    assert not result.tally.lost, f"{release.namespace} lost requests: {result}"
