"""A restart under load loses no request of five apps that nobody here wrote.

The clients are behind a balancer that hears of the SIGTERM late, as in a cluster. The control is
plain uvicorn, which loses requests of each of the five.
"""

import time
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial

import pytest

from tests.image.comparison.requests import APPS, PAGE, SMALL
from tests.image.comparison.servers import Server, serving, serving_plainly
from tests.support.balancer import balancing
from tests.support.commands import run
from tests.support.in_parallel import in_parallel
from tests.support.prober import Tally, probing
from tests.support.waiting import wait_until

LATE_SECONDS = 3  # from SIGTERM until the balancer switches servers
DRAIN_SECONDS = 4
REQUESTS = 60  # of each path, before SIGTERM and again after the end of the old process

pytestmark = pytest.mark.quiet


@dataclass(frozen=True)
class Restart:
    """The requests for a small and for a large page, and how the old process ended."""

    tallies: dict[str, Tally]
    exit_code: str

    @property
    def lost(self) -> Counter[str]:
        """All requests that were lost, by reason."""
        return sum((tally.lost for tally in self.tallies.values()), Counter())


@pytest.fixture(scope="module", params=APPS)
def app(request: pytest.FixtureRequest) -> str:
    name: str = request.param
    return name


@pytest.fixture(scope="module")
def new(app: str, five_apps_image: str) -> Iterator[Server]:
    """The server that takes over."""
    with serving(five_apps_image, app) as server:
        yield server


def restart(app: str, old: Server, new: Server) -> Restart:
    """Ends the old server under load, and waits until the new one has answered for a while."""
    with balancing() as balancer, ExitStack() as stack:
        balancer.server_port = old.port
        tallies = {
            path: stack.enter_context(probing(balancer.port, path, kept=3, fresh=3))
            for path in (SMALL[app], PAGE[app])
        }
        wait_for_answers(app, tallies, dict.fromkeys(tallies, 0))
        run("docker", "kill", "--signal=TERM", old.container)
        time.sleep(LATE_SECONDS)  # the delay itself, so there is no event to wait for
        balancer.server_port = new.port
        exit_code = run("docker", "wait", old.container, timeout_seconds=30).strip()
        wait_for_answers(app, tallies, {path: one.answered for path, one in tallies.items()})
    return Restart(tallies, exit_code)


def wait_for_answers(app: str, tallies: dict[str, Tally], before: dict[str, int]) -> None:
    def has_enough() -> bool:
        answered = {path: tally.answered - before[path] for path, tally in tallies.items()}
        assert min(answered.values()) >= REQUESTS, f"{answered}"
        return True

    wait_until(has_enough, 30, f"{app} answers {REQUESTS} requests for each path")


def test_restart_under_load_loses_nothing(app: str, five_apps_image: str, new: Server) -> None:
    with (
        serving(five_apps_image, app, DRAIN_SECONDS=DRAIN_SECONDS) as old,
        serving_plainly(five_apps_image, app) as plain,
    ):
        restarted, control = in_parallel(
            partial(restart, app, old, new), partial(restart, app, plain, new)
        )
    assert control.lost, f"{app}: plain uvicorn lost nothing, so nothing is proven: {control}"
    assert not restarted.lost, f"{app}: {restarted}"
    for path, tally in restarted.tallies.items():
        assert tally.told_to_close, f"{app}: no client of {path} was told to close: {tally}"
    assert restarted.exit_code == "0", f"{app}: exit code {restarted.exit_code}, wanted 0"
