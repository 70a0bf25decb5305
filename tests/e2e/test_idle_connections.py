"""No request fails on a connection that a proxy kept idle, because the pod keeps it longer.

The proxies close a connection after 60 idle seconds, the pods after 75. The control is plain
uvicorn with its own default of 5 seconds: it closes connections into which the proxy has just sent
a request. The requests are POSTs, which no proxy may send again.
"""

from collections.abc import Callable, Iterator
from functools import partial

import pytest

from tests.e2e.behind_proxy import NAIVE, VALUES
from tests.e2e.conftest import Install, install_together
from tests.e2e.idle_connections import CONNECTIONS, outcomes_after_idle
from tests.e2e.nginx import install_nginx
from tests.e2e.release import Release
from tests.e2e.traefik import installation as traefik
from tests.e2e.traefik.installation import in_cluster, put_in_front
from tests.support.in_parallel import in_parallel
from tests.support.metrics_text import total

pytestmark = [pytest.mark.quiet, pytest.mark.long]

PORT, CONTROL_PORT = 8081, 8082
BY_NGINX, CONTROL_BY_NGINX = 8083, 8084
BY_TRAEFIK, CONTROL_BY_TRAEFIK = 8085, 8086
TLS_PORT, CONTROL_TLS_PORT = 8087, 8088
PROXIES = ("nginx", "Traefik")
ONE_POD = {"replicaCount": 1}
CONTROL_KEEPS = {"uvicorn": {"timeoutKeepAlive": 5}, "proxy": {"keepAliveSeconds": 4}}
PROXY_SECONDS = 60
IDLE_SECONDS = (4, 4.997, 5, 10, 30, 59.99, 60.01, 74.997, 75, 90)
CONTROL_IDLE_SECONDS = (5, 4.999, 4.998, 4.997, 4.996, 4.995) * 2


@pytest.fixture(scope="module")
def releases(
    install: Install, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Release, Release]]:
    """A release and its control, each of one pod behind an nginx and a Traefik."""
    with in_cluster():
        release, control = install_together(
            install,
            ("idle", PORT, VALUES | traefik.VALUES | ONE_POD),
            ("idle-naive", CONTROL_PORT, NAIVE | traefik.ROUTES | ONE_POD | CONTROL_KEEPS),
        )
        install_nginx(release, BY_NGINX)
        install_nginx(control, CONTROL_BY_NGINX)
        put_in_front(release, (BY_TRAEFIK, TLS_PORT), tmp_path_factory.mktemp("release"))
        put_in_front(
            control, (CONTROL_BY_TRAEFIK, CONTROL_TLS_PORT), tmp_path_factory.mktemp("control")
        )
        yield release, control


def test_no_request_fails_on_a_connection_that_was_idle(
    releases: tuple[Release, Release], record_property: Callable[[str, object], None]
) -> None:
    release, _ = releases
    open_connections: list[float] = []

    def look(idle_seconds: float) -> None:
        if idle_seconds < PROXY_SECONDS:
            open_connections.append(connections_of(release))

    *found, control_nginx, control_traefik = in_parallel(
        partial(outcomes_after_idle, BY_NGINX, IDLE_SECONDS, look),
        partial(outcomes_after_idle, BY_TRAEFIK, IDLE_SECONDS, look),
        *(
            partial(outcomes_after_idle, port, CONTROL_IDLE_SECONDS, lambda _: None)
            for port in (CONTROL_BY_NGINX, CONTROL_BY_TRAEFIK)
        ),
    )
    controls = control_nginx, control_traefik
    record_property("note", f"nginx and Traefik {found}; their controls {controls}")
    wanted = {"200": CONNECTIONS * len(IDLE_SECONDS)}
    # Neither keeps more than CONNECTIONS, so each kept at least half of them.
    wanted_open = 1.5 * CONNECTIONS
    assert min(open_connections) >= wanted_open, f"the proxies kept {open_connections} connections"
    for proxy, outcomes in zip(PROXIES, controls, strict=True):
        assert outcomes["502"], f"the control behind {proxy} answered no 502: {outcomes}"
    for proxy, outcomes in zip(PROXIES, found, strict=True):
        assert outcomes == wanted, f"behind {proxy}: {outcomes}, wanted {wanted}"


def connections_of(release: Release) -> float:
    """How many connections the only pod of a release has open, by its metric."""
    (pod,) = release.pods()
    return total(release.metrics(pod), "uvicorn_connections")
