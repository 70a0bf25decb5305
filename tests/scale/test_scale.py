"""1,000 pods on 102 simulated nodes: spread evenly, never fewer than the budget demands.

With `SCALE=docs` it writes docs/scale.json, and from it the picture and the tables of the page.
"""

import os
from itertools import pairwise

import pytest

from tests.scale import page
from tests.scale.cluster import scale_cluster
from tests.scale.figures import Run
from tests.scale.release import FEWEST, MOST
from tests.scale.run import NO_BUDGET, NODE, PHASES, ROLLOUT, SCALE_OUT, STRICT, ZONE, play

pytestmark = [pytest.mark.quiet, pytest.mark.long]

MOST_SECONDS = {SCALE_OUT: 300, NODE: 120, ZONE: 180, ROLLOUT: 240, STRICT: 240, NO_BUDGET: 120}
"""Phase → seconds in which 1,000 pods must be ready, on two cores for everything."""


@pytest.fixture(scope="module")
def run() -> Run:
    with scale_cluster():
        played = play()
    if os.environ.get("SCALE") == "docs":
        page.write(played)
    return played


@pytest.mark.parametrize("phase", PHASES)
def test_all_pods_are_ready_in_time(run: Run, phase: str) -> None:
    found = run.of(phase)
    assert found.seconds <= MOST_SECONDS[phase], f"{phase}: {found}"


def test_the_hpa_doubles_the_pods_until_all_run(run: Run) -> None:
    pods = [FEWEST, *(wanted for _, wanted in run.steps)]
    assert pods[-1] == MOST, f"the HPA wanted {pods}"
    too_large = [(a, b) for a, b in pairwise(pods) if not a < b <= 2 * a]
    assert not too_large, f"the HPA went {pods}: {too_large} are not steps up by at most 100 %"


def test_a_scale_out_spreads_the_pods_over_nodes_and_zones(run: Run) -> None:
    found = run.of(SCALE_OUT)
    assert found.node_skew <= 1, f"{found}"
    assert found.zone_skew <= 1, f"{found}"
    assert run.skew_without_constraints[0] > 1, (
        f"pods without constraints have a skew of {run.skew_without_constraints} too"
    )


def test_strict_zones_spread_a_rollout_after_a_zone_came_back(run: Run) -> None:
    found, default = run.of(STRICT), run.of(ROLLOUT)
    assert found.zone_skew <= 1, f"{found}"
    assert found.zone_skew < default.zone_skew, f"the default spreads it too: {default}"


@pytest.mark.parametrize("phase", [NODE, ZONE])
def test_evictions_never_violate_the_disruption_budget(run: Run, phase: str) -> None:
    found, control = run.of(phase), run.of(NO_BUDGET)
    assert found.work.evictions > 0, f"{phase}: no pod was evicted"
    delayed = found.work.refusals + found.work.collisions
    assert delayed > 0, f"{phase}: the budget delayed no eviction"
    assert found.watch_gaps == 0, f"{phase}: the watch may have missed a moment"
    assert found.least_ready >= found.least_allowed > 0, f"{phase}: {found}"
    assert control.least_ready < run.of(ZONE).least_allowed, f"without a budget: {control}"


@pytest.mark.parametrize("phase", [ROLLOUT, STRICT])
def test_a_rollout_never_has_fewer_ready_pods_than_wanted(run: Run, phase: str) -> None:
    found = run.of(phase)
    assert found.watch_gaps == 0, "the watch may have missed a moment"
    assert found.least_ready >= MOST, f"{found}"
