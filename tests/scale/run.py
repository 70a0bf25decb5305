"""The run: 10 pods become 1,000, a node and a zone are drained, a rollout replaces every pod."""

import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial

from tests.e2e.release import FULL_NAME
from tests.scale import release
from tests.scale.cluster import kubectl
from tests.scale.control_plane import work
from tests.scale.figures import PhaseFigures, Run
from tests.scale.nodes import ZONE_OF, nodes_in
from tests.scale.pod_watch import PodWatch, lines, skew, watched
from tests.scale.release import FEWEST, MOST, VALUES
from tests.scale.sampler import sampled
from tests.support.documented_values import documented_values
from tests.support.recording import Phase
from tests.support.waiting import wait_until

NAMESPACE, CONTROL = "scale", "scale-control"
PHASE_SECONDS = 400
PAUSE_SECONDS = 5
SCALE_OUT = "scale-out"
NODE = "drain a node"
ZONE = "drain a zone"
ROLLOUT = "rollout"
STRICT = "strict zones"
NO_BUDGET = "no budget"
PHASES = (SCALE_OUT, NODE, ZONE, ROLLOUT, STRICT, NO_BUDGET)

NODE_TO_DRAIN = nodes_in("zone-a")[0]
ZONE_TO_DRAIN = "zone-c"
ZONE_BUDGET = "10%"
"""`podDisruptionBudget.maxUnavailable` for the drain of a zone: the default of one pod would take
half an hour for a third of 1,000 pods."""

STRICT_ZONES = documented_values("scale.md", "### Spread at any size")
"""Values that also spread a rollout while a zone is nearly empty."""

CONTROL_PODS = 204
WITHOUT_CONSTRAINTS = {
    "nodeSelector": VALUES["nodeSelector"],
    "autoscaling": {"enabled": False},
    "replicaCount": CONTROL_PODS,
    # Any constraint switches off those that the scheduler has by default. All nodes run Linux.
    "topologySpreadConstraints": [
        {"maxSkew": 1, "topologyKey": "kubernetes.io/os", "whenUnsatisfiable": "ScheduleAnyway"}
    ],
    "affinity": {"nodeAffinity": {}},
}


class Recorder:
    """Measures phases of the release, one after the other."""

    def __init__(self, watch: PodWatch) -> None:
        self.watch = watch
        self.began = time.monotonic()
        self.phases: list[Phase] = []
        self.figures: list[PhaseFigures] = []
        self.cordoned: set[str] = set()

    def open_nodes(self) -> list[str]:
        """The nodes that take pods."""
        return [node for node in ZONE_OF if node not in self.cordoned]

    def measure(self, name: str, act: Callable[[], object], *, is_rollout: bool = False) -> None:
        """Runs `act`, and waits until MOST pods are ready and no other pod is left."""
        must_stay = release.pods_that_must_stay(NAMESPACE)
        old = self.watch.revisions() if is_rollout else set()
        gaps, before, begin = self.watch.gaps, work(), time.monotonic()
        act()
        wait_until(
            lambda: len(self.watch.serving(except_for=old)) == MOST == len(self.watch.pods),
            PHASE_SECONDS,
            f"{MOST} ready pods after {name}",
        )
        end = time.monotonic()
        did = work() - before
        self.phases.append(Phase(name, round(begin - self.began), round(end - self.began)))
        nodes, zones = skew(self.watch.serving(), self.open_nodes())
        least = self.watch.least_serving(begin)
        seconds, gaps = round(end - begin, 1), self.watch.gaps - gaps
        self.figures.append(PhaseFigures(name, seconds, least, must_stay, nodes, zones, gaps, did))
        print(f"{name}: {seconds} s", flush=True)
        time.sleep(PAUSE_SECONDS)

    def drain(self, nodes: list[str]) -> None:
        """Drains nodes, which then take no pods."""
        self.cordoned |= set(nodes)
        release.drain(nodes)

    def uncordon(self) -> None:
        """Lets all nodes take pods again."""
        self.cordoned.clear()
        release.uncordon()


def play() -> Run:
    """Plays the run in about a quarter of an hour."""
    control = _skew_without_constraints()
    release.upgrade(NAMESPACE, VALUES)
    rollout = (f"deployment/{FULL_NAME}", f"--namespace={NAMESPACE}", "--timeout=120s")
    kubectl("rollout", "status", *rollout)
    with watched(NAMESPACE) as watch, _wanted_pods() as wanted:
        what = f"{FEWEST} ready pods, and metrics of them"
        wait_until(lambda: len(watch.serving()) == FEWEST, PHASE_SECONDS, what)
        recorder = Recorder(watch)
        with sampled(watch, recorder.open_nodes) as panels:
            time.sleep(PAUSE_SECONDS)
            begin = time.monotonic()
            recorder.measure(SCALE_OUT, partial(release.burn, "1"))
            steps = [(round(second - begin, 1), pods) for second, pods in wanted if second > begin]
            recorder.measure(NODE, lambda: recorder.drain([NODE_TO_DRAIN]))
            recorder.uncordon()
            release.upgrade(NAMESPACE, _with_budget(ZONE_BUDGET))
            wait_until(lambda: release.pods_that_must_stay(NAMESPACE) < MOST - 1, 60, "the budget")
            recorder.measure(ZONE, lambda: recorder.drain(nodes_in(ZONE_TO_DRAIN)))
            recorder.uncordon()
            # The zone is empty now, so the pods of the new revision have to come back to it.
            recorder.measure(ROLLOUT, lambda: release.roll_out(NAMESPACE), is_rollout=True)
            strict = _with_budget(ZONE_BUDGET) | STRICT_ZONES
            recorder.measure(STRICT, lambda: release.upgrade(NAMESPACE, strict), is_rollout=True)
            kubectl(f"--namespace={NAMESPACE}", "delete", "pdb", FULL_NAME)
            recorder.measure(NO_BUDGET, lambda: recorder.drain(nodes_in(ZONE_TO_DRAIN)))
    cores = os.cpu_count() or 1
    found = {panel: dict(series) for panel, series in panels.items()}
    return Run(recorder.phases, found, recorder.figures, steps, control, cores)


def _with_budget(budget: str) -> dict[str, object]:
    return VALUES | {"podDisruptionBudget": {"maxUnavailable": budget}}


def _skew_without_constraints() -> tuple[int, int]:
    release.upgrade(CONTROL, WITHOUT_CONSTRAINTS)
    with watched(CONTROL) as watch:
        what = f"{CONTROL_PODS} ready pods without constraints"
        wait_until(lambda: len(watch.serving()) == CONTROL_PODS, PHASE_SECONDS, what)
        found = skew(watch.serving(), list(ZONE_OF))
    release.remove(CONTROL)
    return found


@contextmanager
def _wanted_pods() -> Iterator[list[tuple[float, int]]]:
    """Yields a list that grows: moment → the pods that the HPA wants, at each change."""
    wanted: list[tuple[float, int]] = []

    def take(line: str) -> None:
        pods = int(line or 0)
        if pods and (not wanted or wanted[-1][1] != pods):
            wanted.append((time.monotonic(), pods))

    form = '--output=jsonpath={.object.spec.replicas}{"\\n"}'
    with lines(take, NAMESPACE, "deployment", FULL_NAME, form):
        yield wanted
