"""Samples the pods and the CPU of the control plane every few seconds, for the picture."""

import threading
import time
from collections import defaultdict
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager

from tests.scale.control_plane import cpu_seconds
from tests.scale.pod_watch import PodWatch, skew
from tests.support.recording import Points

STEP_SECONDS = 5
PANELS = ("Pods", "CPU", "Skew", "Changes of pods")

Panels = dict[str, dict[str, Points]]


@contextmanager
def sampled(watch: PodWatch, open_nodes: Callable[[], Collection[str]]) -> Iterator[Panels]:
    """Yields panels that grow during the block; seconds count from its begin.

    `open_nodes` returns the nodes that take pods.
    """
    panels: Panels = {panel: defaultdict(list) for panel in PANELS}
    ended = threading.Event()
    failures: list[Exception] = []

    def sample() -> None:
        began = before = time.monotonic()
        cpu, changes = cpu_seconds(), len(watch.changes)
        while not ended.wait(STEP_SECONDS):
            now, used = time.monotonic(), cpu_seconds()
            second, passed = round(now - began), now - before
            pods = list(watch.pods.values())
            serving = [pod for pod in pods if pod.serves]
            leaving = sum(pod.is_leaving for pod in pods)
            nodes, zones = skew(serving, open_nodes())
            values: dict[str, dict[str, float]] = {
                "Pods": {
                    "ready": len(serving),
                    "starting": len(pods) - len(serving) - leaving,
                    "draining": leaving,
                },
                "CPU": {name: (used[name] - cpu[name]) / passed for name in used},
                "Skew": {"nodes": nodes, "zones": zones},
                "Changes of pods": {"changes": (len(watch.changes) - changes) / passed},
            }
            for panel, series in values.items():
                for name, value in series.items():
                    panels[panel][name].append((second, round(value, 2)))
            before, cpu, changes = now, used, len(watch.changes)

    def guarded() -> None:
        try:
            sample()
        except Exception as error:  # noqa: BLE001 - raised at the end of the block
            failures.append(error)

    thread = threading.Thread(target=guarded, daemon=True)
    thread.start()
    try:
        yield panels
    finally:
        ended.set()
        thread.join()
    if failures:
        raise failures[0]
