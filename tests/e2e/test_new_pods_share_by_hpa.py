"""At the default age of a connection, pods that the HPA adds get their share, also behind a proxy.

The long form of test_new_pods_share: 2 → 8 pods. Behind nginx, clients keep their connections to
nginx, and nginx keeps connections to the pods. The control is plain uvicorn behind nginx.
"""

from collections.abc import Callable
from typing import Any

import pytest

from tests.e2e.conftest import Install
from tests.e2e.kept_connections import Moments, counted, logged, measure
from tests.e2e.nginx import install_nginx
from tests.e2e.release import PLAIN_UVICORN

pytestmark = [pytest.mark.quiet, pytest.mark.long]

PORT = 8081
PROXY_PORT = 8082
PODS = (2, 8)
READY_SECONDS = 150  # the HPA acts every 15 s, and needs several steps
LEAST_SHARE = 0.8
# One of eight pods has 8 of 64 connections, give or take 2.6. Two minutes are many draws.
MOMENTS = Moments(begin=60, end=180)
VALUES: dict[str, Any] = {
    "autoscaling": {"minReplicas": PODS[0], "maxReplicas": PODS[1]},
    "drainSeconds": 1,
    "resources": {"requests": {"cpu": "50m"}, "limits": {"cpu": "150m"}},
}
NAIVE = VALUES | PLAIN_UVICORN


def _nothing() -> None:
    """The load itself has the HPA add pods."""


@pytest.mark.parametrize("proxy", ["direct", "nginx"])
def test_pods_that_the_hpa_adds_get_their_share(
    install: Install, record_property: Callable[[str, object], None], proxy: str
) -> None:
    release = install(f"share-{proxy}", PORT, values=VALUES)
    port = PORT
    if proxy == "nginx":
        port = PROXY_PORT
        install_nginx(release, port)
    result = measure(release, port, PODS, counted, _nothing, MOMENTS, ready_seconds=READY_SECONDS)
    record_property("note", f"{proxy}: {result}")
    release.helm("uninstall", "demo", "--wait")  # frees the port

    assert min(result.new_shares) >= LEAST_SHARE, f"wanted {LEAST_SHARE} of a fair share: {result}"
    assert not result.tally.lost, f"{release.namespace} lost requests: {result}"
    assert result.p99_after < result.p99_before, f"the new pods made nothing faster: {result}"


def test_the_control_plain_uvicorn_behind_nginx_leaves_new_pods_idle(
    install: Install, record_property: Callable[[str, object], None]
) -> None:
    control = install("share-nginx-naive", 8083, values=NAIVE)
    install_nginx(control, 8084)
    moments = Moments(begin=0, end=30)
    result = measure(control, 8084, PODS, logged, _nothing, moments, ready_seconds=READY_SECONDS)
    record_property("note", f"control: {result}")
    assert min(result.new_shares) < LEAST_SHARE / 2, f"new pods got their share: {result}"
