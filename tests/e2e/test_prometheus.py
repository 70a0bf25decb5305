"""A real Prometheus and its operator read what the chart installs, and three alerts fire."""

import re
import time
from collections.abc import Callable, Iterator

import pytest
from websockets.exceptions import InvalidHandshake
from websockets.sync.client import connect

from tests.e2e.conftest import Install
from tests.e2e.prometheus.observed import observed_pair, panels_of, rules_of
from tests.e2e.prometheus.queries import alerts, alerts_since, names_of, query, rules, scraped
from tests.e2e.release import Release
from tests.support.http_client import HOST
from tests.support.load import load
from tests.support.metrics_text import METRIC_NAME
from tests.support.prober import probing
from tests.support.repository import ROOT
from tests.support.waiting import wait_until

pytestmark = pytest.mark.quiet

PORTS = (8087, 8088)
DOCUMENTED = re.compile(r"^\| `(uvicorn_[a-z_]+)` \|", re.MULTILINE)
QUIET_SECONDS = 10


@pytest.fixture(scope="module")
def pair(
    install: Install, restricted_namespace: Callable[[str], str]
) -> Iterator[tuple[Release, Release]]:
    """The faulty release, which has been asked for everything it can do, and its neighbour."""
    with observed_pair(install, restricted_namespace, PORTS) as (faulty, healthy):
        wait_until(
            lambda: all(set(scraped(release.namespace)) == {""} for release in (faulty, healthy)),
            60,
            "a good scrape of both releases",
        )
        use_everything(faulty)
        yield faulty, healthy


def use_everything(release: Release) -> None:
    """Causes each kind of sample once: some metrics appear only then."""
    for path in ("/", "/wait", "/stream?count=3&interval_seconds=0.6", "/fail"):
        release.get(path)
    url = f"ws://{HOST}:{PORTS[0]}"
    with connect(f"{url}/websocket") as websocket:
        assert not list(websocket), "the app closes the WebSocket"
    with pytest.raises(InvalidHandshake), connect(f"{url}/none"):
        pass


def test_both_monitors_are_scraped(pair: tuple[Release, Release]) -> None:
    for release in pair:
        found = scraped(release.namespace)
        assert found == [""] * len(release.pods()), f"{release.namespace}: {found}"


def test_every_metric_of_rules_dashboard_and_docs_exists(pair: tuple[Release, Release]) -> None:
    faulty, _ = pair
    expressions = [str(rule) for rule in rules_of(faulty)["spec"]["groups"][0]["rules"]]
    expressions += [text for queries in panels_of(faulty).values() for text in queries.values()]
    wanted = {name for text in expressions for name in METRIC_NAME.findall(text)}
    assert len(wanted) > 20, f"rules and dashboard name only {wanted}"
    documented = set(DOCUMENTED.findall((ROOT / "docs" / "runtime.md").read_text()))
    assert len(documented) > 20, f"docs/runtime.md names only {documented}"

    def all_exist() -> bool:
        names = names_of(faulty.namespace)
        plain = names | {re.sub("_(count|sum|bucket)$", "", name) for name in names}
        missing = (wanted - names) | (documented - plain)
        assert not missing, f"{faulty.namespace} has no {missing}"
        return True

    wait_until(all_exist, 30, "every metric")


def test_every_panel_shows_data(pair: tuple[Release, Release]) -> None:
    faulty, _ = pair

    panels = panels_of(faulty)
    assert len(panels) > 15, f"the dashboard of {faulty.namespace} has {list(panels)}"

    def all_show_data() -> bool:
        for panel, expressions in panels.items():
            for one in expressions.values():
                values = {series["value"][1] for series in query(one)} - {"NaN"}
                assert values, f"panel {panel}: no data from {one}"
        return True

    with load(PORTS[0], "/", 1):
        wait_until(all_show_data, 60, "every panel")


def test_alerts_fire_for_the_faulty_release_alone(pair: tuple[Release, Release]) -> None:
    faulty, healthy = pair
    for release in pair:
        wanted = {one["alert"] for one in rules_of(release)["spec"]["groups"][0]["rules"]}
        found = {name.split()[0] for name in rules(release.namespace)}
        assert found == wanted, f"Prometheus evaluates {found} of {release.namespace}"
    began = time.time()
    fired = {"UvicornErrors 1h", "UvicornErrors 3d", "UvicornBlocked"}
    with (
        load(PORTS[0], "/fail", 1),
        load(PORTS[0], "/block", 1),
        probing(PORTS[1], kept=1, fresh=0) as neighbour,
    ):
        wait_until(lambda: fired <= alerts(faulty.namespace), 60, f"{faulty.namespace}: {fired}")
        time.sleep(QUIET_SECONDS)
        disturbed = alerts_since(healthy.namespace, began)
        assert alerts_since(faulty.namespace, began) >= fired, "the control: the same question"
    assert neighbour.answered > 0, f"{healthy.namespace} got no request: {neighbour}"
    assert not neighbour.lost, f"{healthy.namespace} lost requests: {neighbour}"
    assert not disturbed, f"{healthy.namespace} is healthy, but {disturbed}"
