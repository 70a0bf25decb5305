"""Records every change of a release's pods with a watch, and whether it missed some."""

import subprocess
import threading
import time
from collections import Counter
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace

from cluster import kind
from tests.scale.cluster import kubectl
from tests.scale.nodes import ZONE_OF, ZONES
from tests.support.waiting import wait_until

SECONDS = 15
FIELDS = (
    "{.metadata.name}|{.spec.nodeName}|{.metadata.deletionTimestamp}"
    '|{.status.conditions[?(@.type=="Ready")].status}|{.metadata.labels.pod-template-hash}'
)
FORM = f'{{.type}}|{FIELDS.replace("{.", "{.object.")}{{"\\n"}}'


@dataclass(frozen=True)
class Pod:
    """A pod after one change."""

    second: float
    """Of the monotonic clock."""
    name: str
    node: str
    is_ready: bool
    is_leaving: bool
    is_gone: bool
    revision: str

    @property
    def serves(self) -> bool:
        """Whether it counts for a PodDisruptionBudget."""
        return self.is_ready and not self.is_leaving and not self.is_gone


@dataclass
class PodWatch:
    """The changes so far, and the pods as they are now."""

    changes: list[Pod] = field(default_factory=list)
    pods: dict[str, Pod] = field(default_factory=dict)
    gaps: int = 0
    """How often the watch had to begin again, so that it may have missed changes."""

    def add(self, line: str) -> None:
        """Takes in a line that kubectl has printed."""
        kind_of_change, name, node, deleted, ready, revision = line.split("|")
        is_gone = kind_of_change == "DELETED"
        pod = Pod(time.monotonic(), name, node, ready == "True", bool(deleted), is_gone, revision)
        self.changes.append(pod)
        if is_gone:
            self.pods.pop(name, None)
        else:
            self.pods[name] = pod

    def compare(self, lines: list[str], asked: float) -> None:
        """Takes in a list from the moment `asked`, for what no watch has told since then."""
        listed = {line.split("|")[1]: line for line in lines}
        for pod in list(self.pods.values()):
            if pod.name not in listed and pod.second < asked:
                self.changes.append(replace(pod, second=asked, is_gone=True))
                self.pods.pop(pod.name, None)
        for name, line in listed.items():
            known = self.pods.get(name)
            if known is not None and known.second < asked:
                self.add(line)

    def serving(self, *, except_for: Collection[str] = ()) -> list[Pod]:
        """The ready pods now, except for those of some revisions."""
        now = list(self.pods.values())
        return [pod for pod in now if pod.serves and pod.revision not in except_for]

    def revisions(self) -> set[str]:
        """The revisions of the pods now."""
        return {pod.revision for pod in list(self.pods.values())}

    def least_serving(self, begin: float) -> int:
        """The fewest ready pods at any time since `begin`, and at `begin`."""
        known: dict[str, bool] = {}
        serving, least = 0, None
        for pod in self.changes:
            if least is None and pod.second >= begin:
                least = serving
            serving += pod.serves - known.get(pod.name, False)
            known[pod.name] = pod.serves
            if least is not None:
                least = min(least, serving)
        return serving if least is None else least


def skew(pods: Collection[Pod], nodes: Collection[str]) -> tuple[int, int]:
    """Returns most minus fewest pods, over these nodes and over their zones."""
    by_node = Counter(pod.node for pod in pods)
    by_zone = Counter(ZONE_OF[pod.node] for pod in pods)
    zones = [zone for zone in ZONES if any(ZONE_OF[node] == zone for node in nodes)]
    counts = [by_node[node] for node in nodes], [by_zone[zone] for zone in zones]
    return max(counts[0]) - min(counts[0]), max(counts[1]) - min(counts[1])


@contextmanager
def watched(namespace: str) -> Iterator[PodWatch]:
    """Yields the watch of a namespace's pods, which must be there already."""
    watch = PodWatch()
    selector = "--selector=app.kubernetes.io/name=uvicorn"

    def begin_again() -> None:
        watch.gaps += 1
        asked = time.monotonic()
        form = f'--output=jsonpath={{range .items[*]}}LISTED|{FIELDS}{{"\\n"}}{{end}}'
        listed = kubectl(f"--namespace={namespace}", "get", "pods", selector, form)
        watch.compare(listed.splitlines(), asked)

    form = f"--output=jsonpath={FORM}"
    with lines(watch.add, namespace, "pods", selector, form, begin_again=begin_again):
        wait_until(lambda: watch.pods, SECONDS, f"a watch on {namespace}")
        yield watch


def _nothing() -> None:
    pass


@contextmanager
def lines(
    take: Callable[[str], None],
    namespace: str,
    *wanted: str,
    begin_again: Callable[[], None] = _nothing,
) -> Iterator[None]:
    """Hands each line of a watch to `take` during the block.

    The API server ends the watch of a client that reads too slowly. The watch then starts anew,
    with all that exists, and calls `begin_again`.
    """
    get = ("get", *wanted, "--watch", "--output-watch-events", "--chunk-size=0")
    command = [*kind.kubectl_command(kind.SCALE), f"--namespace={namespace}", *get]
    ended = threading.Event()
    processes: list[subprocess.Popen[str]] = []

    def read() -> None:
        while not ended.is_set():
            with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
                processes.append(process)
                if len(processes) > 1:
                    threading.Timer(1, begin_again).start()
                for line in process.stdout or ():
                    take(line.rstrip("\n"))

    thread = threading.Thread(target=read, daemon=True)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        for process in processes:
            process.terminate()
        thread.join(timeout=SECONDS)
