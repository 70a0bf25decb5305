"""A release behind Traefik, by HTTPRoute and Ingress, with TLS and two host names."""

import socket
import ssl
from collections.abc import Callable, Iterator

import pytest

from tests.e2e.behind_proxy import (
    NAIVE,
    VALUES,
    events_pass_one_by_one,
    only_the_proxy_is_believed,
    rollouts_lose_nothing,
    seen_by_app,
    upload_passes,
    websocket_passes,
)
from tests.e2e.conftest import Install, install_together
from tests.e2e.release import Release
from tests.e2e.traefik import installation as traefik
from tests.e2e.traefik.certificates import Certificate, TlsClient
from tests.e2e.traefik.installation import BY_GATEWAY, BY_INGRESS, in_cluster, put_in_front
from tests.support.http_client import HOST

pytestmark = [pytest.mark.quiet, pytest.mark.long]

PORT, CONTROL_PORT = 8081, 8083
PROXY_PORT, CONTROL_PROXY_PORT = 8085, 8087
TLS_PORT, CONTROL_TLS_PORT = 8086, 8088
Certificates = dict[str, Certificate]


@pytest.fixture(scope="module")
def pair(install: Install) -> Iterator[tuple[Release, Release]]:
    """The release and its control, plain uvicorn, which Traefik finds by the chart's routes."""
    with in_cluster():
        release, control = install_together(
            install,
            ("traefik", PORT, VALUES | traefik.VALUES),
            ("traefik-naive", CONTROL_PORT, NAIVE | traefik.ROUTES),
        )
        yield release, control


@pytest.fixture(scope="module")
def certificates(
    pair: tuple[Release, Release], tmp_path_factory: pytest.TempPathFactory
) -> Certificates:
    """The certificate of each host name of the release, once Traefik answers."""
    release, control = pair
    put_in_front(
        control, (CONTROL_PROXY_PORT, CONTROL_TLS_PORT), tmp_path_factory.mktemp("control")
    )
    return put_in_front(release, (PROXY_PORT, TLS_PORT), tmp_path_factory.mktemp("release"))


@pytest.mark.parametrize("hostname", [BY_GATEWAY, BY_INGRESS])
def test_each_host_name_has_its_certificate(hostname: str, certificates: Certificates) -> None:
    with TlsClient(TLS_PORT, hostname, certificates[hostname]) as client:
        seen = seen_by_app(client)
    assert seen["scheme"] == "https", f"the app at {hostname} sees {seen}"
    assert seen["headers"]["host"].split(":")[0] == hostname, f"the app at {hostname} sees {seen}"
    (other,) = set(certificates) - {hostname}
    with pytest.raises(ssl.SSLCertVerificationError):
        TlsClient(TLS_PORT, hostname, certificates[other])


@pytest.mark.usefixtures("certificates")
def test_rollouts_behind_traefik_lose_no_request(
    pair: tuple[Release, Release], record_property: Callable[[str, object], None]
) -> None:
    rollouts_lose_nothing(*pair, (PROXY_PORT, CONTROL_PROXY_PORT), record_property)


@pytest.mark.usefixtures("certificates")
def test_the_address_of_a_client_is_believed_from_the_network_of_the_gateway_alone() -> None:
    only_the_proxy_is_believed(PORT, PROXY_PORT, CONTROL_PROXY_PORT)


@pytest.mark.parametrize("hostname", [BY_GATEWAY, BY_INGRESS])
def test_a_websocket_an_event_stream_and_an_upload_pass_with_tls(
    hostname: str, certificates: Certificates
) -> None:
    certificate = certificates[hostname]
    with socket.create_connection((HOST, TLS_PORT), timeout=10) as connection:
        websocket_passes(
            f"wss://{hostname}:{TLS_PORT}/websocket", sock=connection, ssl=certificate.trusting()
        )
    with TlsClient(TLS_PORT, hostname, certificate) as client:
        events_pass_one_by_one(client)
    with TlsClient(TLS_PORT, hostname, certificate, 60) as client:
        upload_passes(client)
