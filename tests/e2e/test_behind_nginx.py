"""A release behind nginx: rollouts, client addresses, WebSockets, event streams and uploads."""

from collections.abc import Callable

import pytest

from tests.e2e.behind_proxy import (
    NAIVE,
    VALUES,
    events_pass_one_by_one,
    only_the_proxy_is_believed,
    rollouts_lose_nothing,
    upload_passes,
    websocket_passes,
)
from tests.e2e.conftest import Install, install_together
from tests.e2e.nginx import install_nginx
from tests.e2e.release import Release
from tests.support.http_client import HOST, Client

pytestmark = pytest.mark.quiet

PORT, CONTROL_PORT = 8081, 8083
PROXY_PORT, CONTROL_PROXY_PORT = 8085, 8087


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
    rollouts_lose_nothing(*pair, (PROXY_PORT, CONTROL_PROXY_PORT), record_property)


@pytest.mark.usefixtures("pair")
def test_the_address_of_a_client_is_believed_from_the_pod_network_alone() -> None:
    only_the_proxy_is_believed(PORT, PROXY_PORT, CONTROL_PROXY_PORT)


@pytest.mark.usefixtures("pair")
def test_a_websocket_passes_the_proxy() -> None:
    websocket_passes(f"ws://{HOST}:{PROXY_PORT}/websocket")


@pytest.mark.usefixtures("pair")
def test_events_pass_the_proxy_one_by_one() -> None:
    with Client(PROXY_PORT) as client:
        events_pass_one_by_one(client)


@pytest.mark.usefixtures("pair")
def test_a_large_upload_passes_the_proxy() -> None:
    with Client(PROXY_PORT, 60) as client:
        upload_passes(client)
