"""What compression costs: CPU and bytes of each library and level, and the p99 of other answers."""

import asyncio
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

from reference import catalog

from bench import small_answers
from bench.bar_chart import Bar, BarChart, Group
from bench.codings import BASE, CODINGS, FAST, OURS, ZSTD, Cost, compressed, ratios
from bench.pinned import pinned
from bench.record import Comparison, Findings, Table
from bench.shapes import all_shapes
from tests.support import request_cost
from tests.support.repository import ROOT
from tests.support.request_cost import Side
from tests.support.serving import REFERENCE, Served, serving

SIZES_KB = (2, 20, 200, 900)
ROUNDS = 5
RECOMMENDED = (BASE, FAST, OURS, ZSTD)
ANSWER_ROUNDS, ANSWERS = 4, 20
BLOCKS, BLOCK_SECONDS = 4, 2.0
PLAIN, NOTHING = "plain", "no large answers"
KEPT = "--max-connection-seconds=0"  # the client of the small answers keeps its connection
Costs = Mapping[str, Cost]


@dataclass
class Process:
    """What the whole process spends on /catalog, and how long small answers take meanwhile."""

    answers: dict[str, request_cost.Cost]
    p99: dict[str, list[float]] = field(default_factory=dict)
    """Seconds, one for each block."""


def measure() -> Findings:
    """Takes about 50 seconds."""
    with pinned(1):
        sizes = {size: compressed(_body(size), ROUNDS, CODINGS) for size in SIZES_KB}
        chosen = {name: CODINGS[name] for name in RECOMMENDED}
        shapes = {
            name: compressed(body, ROUNDS, chosen)
            for name, body in all_shapes().items()
            if name != "catalog"  # the largest size is the whole catalog
        }
    process = _process()
    return Findings(
        [_levels(sizes), _bandwidths(sizes), _shapes(shapes), _answers(process)],
        _chart(sizes),
        _comparisons({"catalog": sizes[SIZES_KB[-1]], **shapes}),
    )


def _body(size_kb: int) -> bytes:
    return catalog.body()[: size_kb * 1000]


def _process() -> Process:
    """Runs one server with zlib-ng and one with zlib, both on the first core."""
    with _servers() as (served, with_zlib), pinned(1):
        sides = {
            PLAIN: _side(served, "identity"),
            BASE: _side(with_zlib, "gzip"),
            OURS: _side(served, "gzip"),
            ZSTD: _side(served, "zstd"),
        }
        answers = request_cost.measure(sides, "/catalog", rounds=ANSWER_ROUNDS, requests=ANSWERS)
        process = Process(answers, {name: [] for name in (NOTHING, *sides)})
        idle = _side(served, "")
        for number in range(BLOCKS):
            for name, side in {NOTHING: idle, **sides}.items():
                block = small_answers.p99_seconds(
                    side.port, side.accept_encoding, BLOCK_SECONDS, number
                )
                process.p99[name].append(asyncio.run(block))
    return process


@contextmanager
def _servers() -> Iterator[tuple[Served, Served]]:
    options = ("--gzip", "--no-access-log", KEPT)
    with TemporaryDirectory() as folder:
        Path(folder, "zlib_ng.py").write_text("raise ImportError('the bench uses zlib')\n")
        path = f"{folder}:{ROOT / 'app'}:{ROOT}"
        with (
            pinned(0),
            serving(REFERENCE, *options) as served,
            serving(REFERENCE, *options, PYTHONPATH=path) as with_zlib,
        ):
            yield served, with_zlib


def _side(served: Served, accept_encoding: str) -> Side:
    return Side(served.port, accept_encoding, lambda: served.ask("/metrics").body)


def _levels(sizes: Mapping[int, Costs]) -> Table:
    columns = [f"{size} KB: {what}" for size in sizes for what in ("CPU ms", "bytes left")]
    rows = []
    for name in CODINGS:
        costs = [found[name] for found in sizes.values()]
        cells = [(f"{cost.milliseconds:.3g}", f"{100 * cost.share:.1f} %") for cost in costs]
        rows.append([name, *(cell for pair in cells for cell in pair)])
    return Table(
        f"The first bytes of the catalog, median of {ROUNDS} rounds", ["coding", *columns], rows
    )


def _bandwidths(sizes: Mapping[int, Costs]) -> Table:
    rows = [
        [name, *(f"{costs[name].megabits_per_second:,.0f}" for costs in sizes.values())]
        for name in RECOMMENDED
    ]
    columns = ["coding", *(f"{size} KB" for size in sizes)]
    return Table("Bandwidth below which compression pays, in Mbit/s", columns, rows)


def _shapes(shapes: Mapping[str, Costs]) -> Table:
    columns = [f"{shape}: {what}" for shape in shapes for what in ("CPU ms", "bytes left")]
    rows = []
    for name in RECOMMENDED:
        cells = [
            (f"{costs[name].milliseconds:.2f}", f"{100 * costs[name].share:.1f} %")
            for costs in shapes.values()
        ]
        rows.append([name, *(cell for pair in cells for cell in pair)])
    return Table("Other bodies of about 800 KB", ["coding", *columns], rows)


def _answers(process: Process) -> Table:
    rows = []
    for name, blocks in process.p99.items():
        cost = process.answers.get(name)
        figures = ["", ""] if cost is None else [f"{cost.milliseconds:.2f}", f"{cost.sent_bytes:,}"]
        spread = f"{min(blocks) * 1e3:.1f} to {max(blocks) * 1e3:.1f}"
        rows.append([name, *figures, f"{median(blocks) * 1e3:.1f} ({spread})"])
    title = (
        f"{small_answers.LARGE} alone, mean CPU of the process for an answer, and p99 of answers "
        f"of 100 bytes next to {small_answers.LARGE_PER_SECOND} of them per second: median, least "
        f"and most of {BLOCKS} blocks of {BLOCK_SECONDS:.0f} s"
    )
    columns = ["/catalog", "CPU ms for each", "bytes", "p99 of the small answers, ms"]
    return Table(title, columns, rows)


def _comparisons(shapes: Mapping[str, Costs]) -> list[Comparison]:
    """Compares CPU only: on a noisy machine, p99 differs more between blocks than codings."""
    return [
        Comparison.of(f"CPU, {shape}: {name} against {BASE}", ratios(costs, name, BASE))
        for shape, costs in shapes.items()
        for name in RECOMMENDED[1:]
    ]


def _chart(sizes: Mapping[int, Costs]) -> BarChart:
    size = SIZES_KB[-1]
    costs = sizes[size]
    bars = [
        Bar(
            name,
            costs[name].milliseconds,
            f"{costs[name].milliseconds:.1f} ms, {100 * costs[name].share:.1f} % left",
            is_ours=name in (OURS, ZSTD),
        )
        for name in ("zlib 1", BASE, "zlib 9", "isal 1", "isal 3", FAST, OURS, "brotli 4", ZSTD)
    ]
    times = costs[BASE].milliseconds / costs[ZSTD].milliseconds
    gzip = costs[BASE].milliseconds / costs[OURS].milliseconds
    return BarChart(
        title=f"zlib's level 5 takes {gzip:.1f} times the CPU of zlib-ng's, and {times:.1f} times "
        "that of zstd",
        unit="CPU time, and the bytes that are left; blue is what uvicorn-pod sends by default",
        groups=[Group(f"{size} KB of JSON", bars)],
    )
