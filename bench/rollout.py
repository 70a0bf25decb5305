"""What clients lose while Kubernetes replaces every pod of the same app under five servers."""

import time
from collections import Counter, defaultdict
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from statistics import mean

from bench import releases
from bench.bar_chart import Bar, BarChart, Group
from bench.containers import versions
from bench.five_servers import IMAGE, OURS, PACKAGES, SERVERS
from bench.fixed_clients import requesting
from bench.fixed_rate import percentile
from bench.record import Findings, Table
from tests.e2e.release import FULL_NAME, Release
from tests.support.http_client import LOST, get

REQUESTS = 15_000
CLIENTS = 30  # of each kind
PER_SECOND = 12
MOST_ROLLOUTS = 12
FIRST_PORT = 8081
SLOW = "/async?ms=15000"
EVENTS = "/events?number=40"  # 20 seconds
LAST_EVENT = b"data: end\n\n"
LONG = 2  # slow requests, and as many streams, that begin with the first rollout
LONG_SECONDS = 40
AS_IT_IS = "Each server as its documentation starts it"
WITH_SLEEP = "Each other server with a sleep of 5 s in preStop"
WHOLE, EARLY, BROKEN = "whole", "ended early", "broken"
FEW = 1 / 1000
"""Below this share, whether a request is lost is a matter of chance."""


@dataclass
class Result:
    """What the clients of one release saw."""

    lost: int = 0
    requests: int = 0
    p99_ms: float = 0.0
    rollout_seconds: list[float] = field(default_factory=list)
    ends: dict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    """How slow requests and streams ended, by path."""


def _end(port: int, path: str) -> str:
    """Returns how a request ended. A stream without its last event may end as HTTP wants it."""
    try:
        answer = get(port, path, LONG_SECONDS)
    except LOST:
        return BROKEN
    if answer.status != 200:
        return BROKEN
    return EARLY if path == EVENTS and not answer.body.endswith(LAST_EVENT) else WHOLE


@contextmanager
def _long_requests(port: int, result: Result) -> Iterator[None]:
    """Begins slow requests and streams, and notes at the end of the block how they ended."""
    with ThreadPoolExecutor(2 * LONG) as pool:
        running: dict[str, list[Future[str]]] = {
            path: [pool.submit(_end, port, path) for _ in range(LONG)] for path in (SLOW, EVENTS)
        }
        yield
        for path, futures in running.items():
            result.ends[path].update(future.result() for future in futures)


def _roll_out(release: Release) -> float:
    started = time.monotonic()
    release.kubectl("rollout", "restart", f"deployment/{FULL_NAME}")
    release.kubectl("rollout", "status", f"deployment/{FULL_NAME}", "--timeout=120s")
    return time.monotonic() - started


def _measured(release: Release) -> Result:
    """Rolls out until enough requests were sent. Long requests begin with the first rollout."""
    result = Result()
    port = release.port or 0
    with (
        requesting(port, releases.PATH, kept=CLIENTS, fresh=CLIENTS, per_second=PER_SECOND) as seen,
        _long_requests(port, result),
    ):
        while seen.requests < REQUESTS and len(result.rollout_seconds) < MOST_ROLLOUTS:
            result.rollout_seconds.append(_roll_out(release))
    result.lost, result.requests = seen.lost.total(), seen.requests
    result.p99_ms = percentile(seen.seconds, 99) * 1e3
    return result


def measure() -> Findings:
    """Takes about six minutes."""
    IMAGE.provide()
    results: dict[str, dict[str, Result]] = {}
    others = [server for server in SERVERS if server.name != OURS]
    for variant, servers, drain in ((AS_IT_IS, SERVERS, 0), (WITH_SLEEP, others, 5)):
        wanted = [
            (
                server.name,
                FIRST_PORT + number,
                releases.values(server, drain_seconds=None if server.name == OURS else drain),
            )
            for number, server in enumerate(servers)
        ]
        with releases.installed(*wanted) as installed:
            results[variant] = {}
            for server, release in zip(servers, installed, strict=True):
                print(f"  {variant}: {server.name} …", flush=True)
                results[variant][server.name] = _measured(release)
    return Findings(
        [_table(variant, found) for variant, found in results.items()],
        _chart(results),
        counts=_conclusions(results),
        versions=versions(IMAGE.reference, PACKAGES),
    )


def _table(variant: str, results: dict[str, Result]) -> Table:
    rows = [
        [
            name,
            f"{found.lost:,} of {found.requests:,}",
            f"{found.p99_ms:.0f} ms",
            str(len(found.rollout_seconds)),
            f"{mean(found.rollout_seconds):.1f} s",
            _said(found.ends[SLOW]),
            _said(found.ends[EVENTS]),
        ]
        for name, found in results.items()
    ]
    columns = [
        "server", "requests lost", "p99", "rollouts", "seconds until all new pods are ready",
        "slow requests", "streams",
    ]  # fmt: skip
    return Table(variant, columns, rows)


def _said(ends: Counter[str]) -> str:
    return ", ".join(f"{number} {how}" for how, number in ends.items())


def _conclusions(results: dict[str, dict[str, Result]]) -> dict[str, str]:
    said = {}
    for variant, found in results.items():
        for name, one in found.items():
            more = "more than" if one.lost > FEW * one.requests else "at most"
            said[f"{variant}, lost requests of {name}"] = f"{more} 1 in 1,000"
    return said


def _chart(results: dict[str, dict[str, Result]]) -> BarChart:
    groups = [
        Group(
            variant,
            [
                Bar(name, one.lost, f"{one.lost:,}", is_ours=name == OURS)
                for name, one in found.items()
            ],
        )
        for variant, found in results.items()
    ]
    first = results[AS_IT_IS]
    others = [one.lost for name, one in first.items() if name != OURS]
    title = (
        f"While every pod is replaced, {OURS} loses {first[OURS].lost:,} of {REQUESTS:,} requests, "
        f"other servers {min(others):,} to {max(others):,}"
    )
    rate = 2 * CLIENTS * PER_SECOND
    unit = f"requests lost of about {REQUESTS:,}, at most {rate} per second"
    return BarChart(title, unit, groups)
