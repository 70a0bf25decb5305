"""The watch counts the ready pods at the worst moment, and the skew over nodes and zones."""

import time

from tests.scale.nodes import ZONE_OF, ZONES, nodes_in
from tests.scale.pod_watch import Pod, PodWatch, skew

SEEN = {"ready": "True", "later": ""}
FIRST, SECOND = nodes_in(ZONES[0])[:2]


def line(kind: str, name: str, node: str, *, deleted: str = "", ready: str = "True") -> str:
    return f"{kind}|{name}|{node}|{deleted}|{ready}|abc"


def test_a_leaving_pod_does_not_serve() -> None:
    watch = PodWatch()
    watch.add(line("ADDED", "a", FIRST))
    watch.add(line("ADDED", "b", SECOND, ready=""))
    assert [pod.name for pod in watch.serving()] == ["a"]
    watch.add(line("MODIFIED", "a", FIRST, deleted="2026-01-01T00:00:00Z"))
    watch.add(line("MODIFIED", "b", SECOND))
    assert [pod.name for pod in watch.serving()] == ["b"]
    watch.add(line("DELETED", "a", FIRST, deleted="2026-01-01T00:00:00Z"))
    assert set(watch.pods) == {"b"}
    assert watch.serving(except_for=["abc"]) == []


def test_the_fewest_ready_pods_are_those_of_the_worst_moment_since_the_begin() -> None:
    watch = PodWatch()
    watch.add(line("ADDED", "a", FIRST))
    watch.add(line("ADDED", "b", SECOND))
    begin = time.monotonic()
    assert watch.least_serving(begin) == 2
    watch.add(line("DELETED", "a", FIRST))
    watch.add(line("ADDED", "c", FIRST))
    assert len(watch.serving()) == 2
    assert watch.least_serving(begin) == 1


def test_a_list_after_a_gap_corrects_what_the_watch_has_missed() -> None:
    watch = PodWatch()
    for name in ("gone", "ready", "later"):
        watch.add(line("ADDED", name, FIRST, ready=""))
    asked = time.monotonic()
    watch.add(line("MODIFIED", "later", FIRST))
    listed = [line("LISTED", name, FIRST, ready=ready) for name, ready in SEEN.items()]
    watch.compare(listed, asked)
    assert sorted(pod.name for pod in watch.serving()) == ["later", "ready"]
    assert set(watch.pods) == {"later", "ready"}


def test_skew_counts_empty_nodes_and_zones() -> None:
    pods = [Pod(0, str(n), FIRST, True, False, False, "abc") for n in range(3)]
    assert skew(pods, list(ZONE_OF)) == (3, 3)
    assert skew(pods, [FIRST]) == (0, 0)
