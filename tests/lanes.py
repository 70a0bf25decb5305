"""Two lanes for `make test`: the cluster's tests in one, all others beside them in another.

The cluster's tests share its nodes and ports, so one worker runs them, one after the other. Most
wait for Kubernetes; the others' work goes on meanwhile. Those marked `quiet`, which measure, come
last, when the other lane is done. The Makefile has the options of pytest-xdist; without them the
tests only run in this order.
"""

from pathlib import Path

import pytest

CLUSTER = Path(__file__).parent / "cluster"


def arrange(items: list[pytest.Item]) -> None:
    """Order the tests, in place, and give each the group whose tests one worker runs."""
    items.sort(key=_turn)
    for item in items:
        name = "cluster" if CLUSTER in item.path.parents else item.path.stem
        item.add_marker(pytest.mark.xdist_group(name))


def _turn(item: pytest.Item) -> tuple[bool, bool]:
    return CLUSTER not in item.path.parents, item.get_closest_marker("quiet") is not None
