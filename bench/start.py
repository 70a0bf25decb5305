"""What takes time between the start of a process and its first answer, and how large images are.

A cgroup limits the CPU of each container. Bytecode is in the image; without it, Python compiles all
modules again at each start, because the root is read-only.
"""

from collections.abc import Callable, Mapping
from functools import partial
from statistics import median

from bench import image_size
from bench.bar_chart import Bar, BarChart, Group
from bench.container_start import NO_BYTECODE, Start, importing, serving
from bench.containers import versions
from bench.record import Comparison, Findings, Table
from cluster.common.steps import perform
from cluster.engine import docker
from cluster.release.app_images import steps
from cluster.release.names import image

CPUS: Mapping[float, int] = {0.2: 2, 0.5: 2, 1: 3}
"""The rounds for each limit: at 0.2 CPU, one takes ten seconds."""
PACKAGES = ("fastapi", "uvicorn", "uvloop", "prometheus_client")
LAZY_SINCE = (3, 15)
LAZY = "--env=PYTHON_LAZY_IMPORTS=all"
MODULES = "fastapi, uvicorn, prometheus_client"

FRAMEWORK = "import fastapi"
IMPORTS = "import fastapi, uvicorn, …"
UNCOMPILED_IMPORTS = "the same, no bytecode"
PLAIN = "plain uvicorn"
OURS = "uvicorn-pod"
UNCOMPILED = "uvicorn-pod, no bytecode"
LAZILY = "uvicorn-pod, lazy imports"
ONCE = (UNCOMPILED_IMPORTS, UNCOMPILED)
"""These take seconds, so they run in the first round of each limit only."""
Taken = dict[float, dict[str, list[Start]]]


def measure() -> Findings:
    """Takes about 90 seconds; before, starts the engine and builds the images if needed.

    Raises ClusterError, with one sentence, if that fails.
    """
    perform(docker.steps())
    perform(steps())
    reference = image("reference")
    found = versions(reference, PACKAGES)
    has_lazy_imports = tuple(map(int, found["Python"].split(".")[:2])) >= LAZY_SINCE
    starts = _starts(reference, has_lazy_imports)
    taken = {cpus: _round_by_round(starts, cpus, rounds) for cpus, rounds in CPUS.items()}
    lazy = "measured" if has_lazy_imports else "need Python 3.15 (PEP 810), so not measured"
    return Findings(
        [_table(taken), _images()],
        _chart(taken),
        _comparisons(taken),
        {f"lazy imports, Python {found['Python'].rpartition('.')[0]}": lazy},
        found,
    )


def _starts(image: str, has_lazy_imports: bool) -> dict[str, Callable[[float], Start]]:
    starts: dict[str, Callable[[float], Start]] = {
        FRAMEWORK: partial(importing, image, "fastapi"),
        IMPORTS: partial(importing, image, MODULES),
        UNCOMPILED_IMPORTS: partial(importing, image, MODULES, options=[NO_BYTECODE]),
        PLAIN: partial(serving, image, "uvicorn"),
        OURS: partial(serving, image, "uvicorn-pod"),
        UNCOMPILED: partial(serving, image, "uvicorn-pod", options=[NO_BYTECODE]),
    }
    if has_lazy_imports:
        starts[LAZILY] = partial(serving, image, "uvicorn-pod", options=[LAZY])
    return starts


def _round_by_round(
    starts: Mapping[str, Callable[[float], Start]], cpus: float, rounds: int
) -> dict[str, list[Start]]:
    taken: dict[str, list[Start]] = {name: [] for name in starts}
    for number in range(rounds):
        for name, start in starts.items():
            if number == 0 or name not in ONCE:
                taken[name].append(start(cpus))
    return taken


def _table(taken: Taken) -> Table:
    rows = []
    for name in next(iter(taken.values())):
        walls = [f"{_wall(taken, cpus, name):.2f}" for cpus in taken]
        cpu = median(start.cpu for found in taken.values() for start in found[name])
        rows.append([name, f"{cpu:.2f}", *walls])
    columns = ["process", "CPU s", *(f"s at {cpus:g} CPU" for cpus in taken)]
    return Table(
        "From the start of the process to the end of its imports or its first 200, medians",
        columns,
        rows,
    )


def _images() -> Table:
    rows = [
        [
            stage,
            f"{image_size.unpacked_bytes(image(stage)) / 1e6:.1f}",
            f"{image_size.compressed_bytes(image(stage)) / 1e6:.1f}",
        ]
        for stage in ("runtime", "reference")
    ]
    return Table("Images", ["image", "MB", "MB compressed"], rows)


def _comparisons(taken: Taken) -> list[Comparison]:
    """CPU is compared over all limits, which do not change it."""
    pairs = [(OURS, PLAIN), (OURS, FRAMEWORK), (UNCOMPILED, OURS), (UNCOMPILED_IMPORTS, IMPORTS)]
    if LAZILY in next(iter(taken.values())):
        pairs.append((LAZILY, OURS))
    return [
        Comparison.of(
            f"CPU of a start: {name} against {base}",
            [
                own.cpu / other.cpu
                for found in taken.values()
                for own, other in zip(found[name], found[base], strict=False)
            ],
        )
        for name, base in pairs
    ]


def _wall(taken: Taken, cpus: float, name: str) -> float:
    return median(start.wall for start in taken[cpus][name])


def _chart(taken: Taken) -> BarChart:
    groups = [
        Group(
            f"{cpus:g} CPU",
            [
                Bar(name, wall, f"{wall:.2f} s", is_ours=name == OURS)
                for name in (IMPORTS, PLAIN, OURS, UNCOMPILED)
                for wall in [_wall(taken, cpus, name)]
            ],
        )
        for cpus in taken
    ]
    ours, uncompiled = (_wall(taken, max(taken), name) for name in (OURS, UNCOMPILED))
    slow = _wall(taken, min(taken), OURS)
    return BarChart(
        title=f"A start takes {ours:.1f} s with one CPU, {uncompiled:.1f} s without bytecode, and "
        f"{slow:.1f} s with {min(taken):g} CPU",
        unit="seconds from the start of the process to its first answer or the end of its imports",
        groups=groups,
    )
