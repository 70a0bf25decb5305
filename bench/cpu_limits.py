"""What a CPU limit does to the slowest answers of a pod that uses a third of a core."""

import asyncio
import itertools
from statistics import median

from bench import fixed_rate, rates, releases
from bench.bar_chart import BarChart, Group
from bench.containers import versions
from bench.five_servers import IMAGE, OURS, PACKAGES, SERVERS
from bench.fixed_rate import Latencies, percentile
from bench.record import Comparison, Findings, Table
from bench.rounds import ratios

LIMITS: dict[str, str | None] = {"none": None, "1000m": "1000m", "500m": "500m"}
PATH = "/burn?ms=10"
PER_SECOND = 33
ROUND_SECONDS = 6.0
ROUNDS = 4
FIRST_PORT = 8081


def measure() -> Findings:
    """Takes about a minute and a half; each round sends the same pattern to all."""
    IMAGE.provide()
    ours = next(server for server in SERVERS if server.name == OURS)
    wanted = []
    for number, (name, limit) in enumerate(LIMITS.items()):
        resources = {"requests": {"cpu": "300m"}} | ({"limits": {"cpu": limit}} if limit else {})
        values = releases.values(ours) | {"replicaCount": 1, "resources": resources}
        wanted.append((f"limit-{name}", FIRST_PORT + number, values))
    answers: dict[str, list[Latencies]] = {name: [] for name in LIMITS}
    with releases.installed(*wanted) as installed:
        ports = {name: one.port or 0 for name, one in zip(LIMITS, installed, strict=True)}
        for number in range(ROUNDS):
            names = list(LIMITS)
            for name in names[number % 3 :] + names[: number % 3]:
                found = fixed_rate.measure(
                    ports[name], PATH, per_second=PER_SECOND, seconds=ROUND_SECONDS, seed=number
                )
                answers[name].append(asyncio.run(found))
    return _findings(answers)


def _findings(answers: dict[str, list[Latencies]]) -> Findings:
    p99 = {
        name: [percentile(one.seconds, 99) * 1e3 for one in each] for name, each in answers.items()
    }
    p50 = {
        name: [percentile(one.seconds, 50) * 1e3 for one in each] for name, each in answers.items()
    }
    rows = [
        [
            name,
            f"{median(p50[name]):.0f} ms",
            f"{median(p99[name]):.0f} ms",
            str(sum(one.outcomes.total() - len(one.seconds) for one in each)),
        ]
        for name, each in answers.items()
    ]
    comparisons = [
        Comparison.of(
            f"p99: a CPU limit of {name} against none",
            ratios(p99[name], p99["none"]),
        )
        for name in itertools.islice(LIMITS, 1, None)
    ]
    bars = [rates.bar(name, each, unit="", is_ours=name == "none") for name, each in p99.items()]
    title = (
        f"With a CPU limit of 500m, 1 % of the answers take {median(p99['500m']):.0f} ms or more; "
        f"without one {median(p99['none']):.0f} ms"
    )
    unit = f"99th percentile in ms of {PER_SECOND} requests per second that each use 10 ms of CPU"
    return Findings(
        [
            Table(
                f"`{PATH}`, {PER_SECOND} requests per second, median of {ROUNDS} rounds of "
                f"{ROUND_SECONDS:.0f} s",
                ["limit", "p50", "p99", "lost"],
                rows,
            )
        ],
        BarChart(title, unit, [Group("CPU limit", bars)]),
        comparisons,
        versions=versions(IMAGE.reference, PACKAGES),
    )
