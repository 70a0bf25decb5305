"""Two lanes for `make test`: the cluster's tests in one, all others beside them in another.

The cluster's tests share its nodes and ports, so one worker runs them, one after the other. Most
wait for Kubernetes; the others' work goes on meanwhile. Those marked `quiet`, which measure, come
last, when the other lane is done. The Makefile has the options of pytest-xdist; without them the
tests only run in this order.
"""

from pathlib import Path

import pytest
from xdist.scheduler import LoadScopeScheduling

CLUSTER = Path(__file__).parent / "e2e"


class Lanes(LoadScopeScheduling):  # type: ignore[misc]  # xdist has no types
    """Gives a worker all tests of the cluster, or of a file, at a time.

    pytest-xdist's own groups do not hold with pytest 9.2: each test goes anywhere.
    """

    def _split_scope(self, nodeid: str) -> str:
        path = nodeid.partition("::")[0]
        return "cluster" if path.startswith("tests/e2e/") else path


def arrange(items: list[pytest.Item]) -> None:
    """Order the tests in place: the cluster's first, and of these the `quiet` ones last."""
    items.sort(key=_turn)


def _turn(item: pytest.Item) -> tuple[bool, bool]:
    return CLUSTER not in item.path.parents, item.get_closest_marker("quiet") is not None
