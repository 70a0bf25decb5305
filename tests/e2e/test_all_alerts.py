"""The long form of test_prometheus: every alert of the chart fires for a faulty release alone."""

import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest

from tests.e2e.conftest import Install
from tests.e2e.prometheus.observed import observed_pair
from tests.e2e.prometheus.queries import alerts, alerts_since, rules
from tests.e2e.release import Release
from tests.support.http_client import LOST, get
from tests.support.load import load
from tests.support.prober import probing
from tests.support.waiting import wait_until

pytestmark = [pytest.mark.quiet, pytest.mark.long]

PORTS = (8087, 8088)
# Path → clients. Slow answers come first: the alerts need a share of them, and every other fault
# has many fast answers. A blocked loop would refuse what fills the threads and the memory.
SLOW = {"/slow?seconds=1": 8}
FILLING = {"/wait": 50, "/keep": 1}
STRESS = {"/fail": 1, "/block": 1, "/work?ms=100": 8}
OF_FILLING = {"UvicornThreadsFull", "UvicornMemory"}
OF_SLOW = {f"UvicornSlow {window}" for window in ("1h", "6h", "1d", "3d")}
RESTARTS = "UvicornRestarts"
LOAD_SECONDS = 120
RESTART_SECONDS = 300
MOST_SECONDS = 900


@pytest.fixture(scope="module")
def pair(
    install: Install, restricted_namespace: Callable[[str], str]
) -> Iterator[tuple[Release, Release]]:
    with observed_pair(install, restricted_namespace, PORTS) as both:
        yield both


def end_a_process() -> None:
    """Ends the process of one of the faulty pods; the answer is lost."""
    try:
        get(PORTS[0], "/exit", 10)
    except LOST:
        return


def fire_by_load(release: Release, paths: dict[str, int], wanted: set[str]) -> dict[str, float]:
    """Loads the release until these alerts have fired; alert → seconds since the start."""
    fired: dict[str, float] = {}
    begun = time.monotonic()
    with ExitStack() as loads:
        for path, clients in paths.items():
            loads.enter_context(load(PORTS[0], path, clients))
        while wanted - set(fired) and (passed := time.monotonic() - begun) < LOAD_SECONDS:
            for name in alerts(release.namespace):
                fired.setdefault(name, passed)
            time.sleep(1)
    return fired


def test_every_alert_fires_for_the_faulty_release_alone(
    pair: tuple[Release, Release], record_property: Callable[[str, object], None]
) -> None:
    faulty, healthy = pair
    wanted = rules(faulty.namespace)
    assert len(wanted) == 16, f"Prometheus evaluates {sorted(wanted)}"
    began = time.time()
    with probing(PORTS[1], kept=1, fresh=0, seconds=MOST_SECONDS) as neighbour:
        fired = fire_by_load(faulty, SLOW, OF_SLOW)
        fired = fire_by_load(faulty, FILLING, OF_FILLING) | fired
        end_a_process()  # frees the memory
        wait_until(faulty.answers, 60, f"{faulty.namespace} answers again")
        fired = fire_by_load(faulty, STRESS, wanted - set(fired) - {RESTARTS}) | fired

        def has_restarted() -> bool:
            end_a_process()
            return RESTARTS in alerts(faulty.namespace)

        begun = time.monotonic()
        wait_until(has_restarted, RESTART_SECONDS, f"{RESTARTS} fires", interval_seconds=2)
        fired[RESTARTS] = time.monotonic() - begun
    disturbed = alerts_since(healthy.namespace, began)
    assert alerts_since(faulty.namespace, began) >= set(fired), "the control: the same question"
    shown = {name: round(seconds) for name, seconds in sorted(fired.items())}
    record_property("note", f"seconds until each alert fired: {shown}; neighbour {neighbour}")
    assert set(fired) == wanted, f"did not fire: {wanted - set(fired)}; fired {shown}"
    assert not disturbed, f"{healthy.namespace} is healthy, but {disturbed}"
    assert not neighbour.lost, f"{healthy.namespace} lost requests: {neighbour}"
