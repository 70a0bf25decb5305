"""What each feature of uvicorn-pod costs per request, and what plain uvicorn needs.

All servers share one core and the client has another. The client turns from one server to the next
every tenth of a second. Several of these turns make a block, and only the figures of one block are
compared.
"""

import asyncio
import socket
import subprocess
from collections.abc import Iterator
from contextlib import AsyncExitStack, ExitStack, contextmanager
from dataclasses import dataclass, field
from statistics import median
from typing import IO, cast

import uvloop

from bench import span_receiver
from bench.bar_chart import Bar, BarChart, Group
from bench.cpu_time import cpu_seconds
from bench.pinned import pinned
from bench.record import UNCLEAR, Comparison, Findings, Table
from bench.rounds import ratios
from tests.support.http_client import Client
from tests.support.serving import REFERENCE, Served, free_port, serving_into
from tests.support.throughput_client import ThroughputClient
from tests.support.waiting import wait_until

STARTS = 3  # processes of one command differ by a few per cent, by where their code lies in memory
BLOCKS, TURNS = 3, 4
SECONDS = 0.1
SETTLE_SECONDS = 0.02  # the log of the last requests is written
SPAN_SECONDS = 0.1
"""Spans leave this often, by default every 5 s. So they leave before the next server's turn."""
WARM_UP_SECONDS = 0.3
START_SECONDS = 30
CONNECTIONS = 64
BUSY_CLIENT = 0.9  # of its core
# The client keeps its connections, so none of them reaches this age, or is idle for so long.
AGE = "--max-connection-seconds=3600"
IDLE = "--timeout-keep-alive=60"
POD = "uvicorn-pod"
BARE = "uvicorn, no access log"
LOGGING = "uvicorn, its access log"


@dataclass(frozen=True)
class Side:
    """A server's command line, and the part of uvicorn-pod that it has or lacks."""

    name: str
    arguments: tuple[str, ...]
    module: str = "uvicorn_pod"
    part: str = ""
    is_added: bool = False
    """Whether this server has the part and the default has not, or the reverse."""
    is_traced: bool = False

    @property
    def settle_seconds(self) -> float:
        """Time after a turn that still belongs to it."""
        return SETTLE_SECONDS + (SPAN_SECONDS if self.is_traced else 0)


WITHOUT_METRICS = "bench.without_metrics"
UVICORN = ("--loop=uvloop", "--http=httptools")
SIDES = (
    Side(POD, (AGE,)),
    Side("no access log", (AGE, "--no-access-log"), part="access log"),
    Side("no metrics", (AGE,), module=WITHOUT_METRICS, part="metrics"),
    Side("no watch", (AGE, "--blocked-seconds=0"), part="blocked-loop watch"),
    Side("no overload limit", (AGE, "--max-wait-seconds=0"), part="overload protection"),
    Side("no connection age", ("--max-connection-seconds=0",), part="connection age"),
    Side(
        "more limits",
        (AGE, "--max-body-bytes=1000000", "--request-seconds=30", "--body-seconds=30"),
        part="limits of body and time",
        is_added=True,
    ),
    Side("traced", (AGE,), part="tracing", is_added=True, is_traced=True),
    Side(
        "all of these off",
        (
            "--no-access-log",
            "--blocked-seconds=0",
            "--max-wait-seconds=0",
            "--max-connection-seconds=0",
        ),
        module=WITHOUT_METRICS,
    ),
    Side(BARE, (*UVICORN, "--no-access-log"), module="uvicorn"),
    Side(LOGGING, UVICORN, module="uvicorn"),
)


@dataclass
class Block:
    """What one server did in one block."""

    requests: int = 0
    seconds: float = 0.0
    cpu_seconds: float = 0.0
    client_cpu_seconds: float = 0.0

    @property
    def rate(self) -> float:
        """Requests per second."""
        return self.requests / self.seconds

    @property
    def cpu(self) -> float:
        """CPU seconds per request, of all threads of the server."""
        return self.cpu_seconds / self.requests


@dataclass
class Measured:
    """The blocks of each server, by its name."""

    blocks: dict[str, list[Block]] = field(default_factory=lambda: {one.name: [] for one in SIDES})

    def ratios(self, name: str, base: str, figure: str) -> list[float]:
        """A figure of one server, divided by that of another in the same block."""
        return ratios(
            *([getattr(one, figure) for one in self.blocks[side]] for side in (name, base))
        )

    def median(self, name: str, figure: str) -> float:
        """The median of the blocks."""
        return float(median(getattr(block, figure) for block in self.blocks[name]))

    def of_part(self, side: Side) -> Comparison:
        """CPU per request with the part of this server, divided by that without it."""
        pair = (side.name, POD) if side.is_added else (POD, side.name)
        what = f"CPU per request: {side.part} on against off"
        return Comparison.of(what, self.ratios(*pair, "cpu"))


def measure() -> Findings:
    """Takes about 80 seconds."""
    measured = Measured()
    with pinned(1):
        for _ in range(STARTS):
            with ExitStack() as stack:
                listener = stack.enter_context(span_receiver.listening())
                running = {
                    side.name: stack.enter_context(_served(side, listener)) for side in SIDES
                }
                uvloop.run(_measure(running, listener, measured))
    return Findings([_table(measured)], _chart(measured), _comparisons(measured), _client(measured))


@contextmanager
def _served(side: Side, listener: socket.socket) -> Iterator[Served]:
    """Runs a server on the first core."""
    # As in a pod, the logs go through a pipe to a reader, which shares the client's core.
    with subprocess.Popen(["cat"], stdin=subprocess.PIPE, stdout=subprocess.DEVNULL) as reader:
        logs = cast("IO[bytes]", reader.stdin)
        options = [*side.arguments, IDLE]
        if side.module == WITHOUT_METRICS:  # `serving_into` adds this to uvicorn-pod's own command
            options.append(f"--management-port={free_port()}")
        variables = _traced(listener) if side.is_traced else {}
        server = serving_into(logs, REFERENCE, *options, module=side.module, until="", **variables)
        with logs, ExitStack() as stack:
            with pinned(0):
                served = stack.enter_context(server)
            wait_until(lambda: _is_listening(served), START_SECONDS, f"{side.name} starts")
            yield served


def _traced(listener: socket.socket) -> dict[str, str]:
    host, port = listener.getsockname()
    return {
        "OTEL_EXPORTER_OTLP_ENDPOINT": f"http://{host}:{port}",
        "OTEL_BSP_SCHEDULE_DELAY": f"{SPAN_SECONDS * 1e3:.0f}",
    }


def _is_listening(served: Served) -> bool:
    if served.process.poll() is not None:
        raise RuntimeError(f"{served.process.args!r} ended")
    Client(served.port).close()
    return True


async def _measure(running: dict[str, Served], listener: socket.socket, measured: Measured) -> None:
    async with AsyncExitStack() as stack:
        received = await stack.enter_async_context(span_receiver.receiving(listener))
        clients = {
            name: await stack.enter_async_context(ThroughputClient(served.port, "/", CONNECTIONS))
            for name, served in running.items()
        }
        for client in clients.values():
            await client.measure(WARM_UP_SECONDS)
        for _ in range(BLOCKS):
            block = {side.name: Block() for side in SIDES}
            for turn in range(TURNS):
                for side in SIDES[turn:] + SIDES[:turn]:
                    pid = running[side.name].process.pid
                    await _add(block[side.name], clients[side.name], pid, side.settle_seconds)
            for name, done in block.items():
                measured.blocks[name].append(done)
    if not received:
        raise RuntimeError("no spans arrived: tracing was off")


async def _add(block: Block, client: ThroughputClient, pid: int, settle_seconds: float) -> None:
    before = cpu_seconds(pid)
    done = await client.measure(SECONDS)
    await asyncio.sleep(settle_seconds)
    block.cpu_seconds += cpu_seconds(pid) - before
    block.requests += done.requests
    block.seconds += done.seconds
    block.client_cpu_seconds += done.client_cpu_seconds


def _table(measured: Measured) -> Table:
    rows = [
        [
            side.name,
            f"{measured.median(side.name, 'rate'):,.0f}",
            f"{measured.median(side.name, 'cpu') * 1e6:.0f}",
        ]
        for side in SIDES
    ]
    title = (
        f"`GET /` of the reference service, {CONNECTIONS} connections, median of "
        f"{STARTS * BLOCKS} blocks in {STARTS} starts"
    )
    return Table(title, ["server", "requests/s", "CPU µs per request"], rows)


def _comparisons(measured: Measured) -> list[Comparison]:
    found = [measured.of_part(side) for side in SIDES if side.part]
    for base in (BARE, LOGGING):
        for what, figure in (("CPU per request", "cpu"), ("requests/s", "rate")):
            ratios = measured.ratios(POD, base, figure)
            found.append(Comparison.of(f"{what}: {POD}, its defaults, against {base}", ratios))
    return found


def _client(measured: Measured) -> dict[str, str]:
    busy = [
        name
        for name, blocks in measured.blocks.items()
        if median(block.client_cpu_seconds / block.seconds for block in blocks) > BUSY_CLIENT
    ]
    return {"the client, not the server, limited": ", ".join(busy)} if busy else {}


def _chart(measured: Measured) -> BarChart:
    parts = [_bar(measured, side) for side in SIDES if side.part]
    most = max(parts, key=lambda bar: bar.value)
    servers = [
        Bar(name, cpu, f"{cpu:.0f} µs", is_ours=name == POD)
        for name in (POD, "all of these off", BARE, LOGGING)
        for cpu in [measured.median(name, "cpu") * 1e6]
    ]
    return BarChart(
        title=f"A request takes {servers[0].value:.0f} µs of CPU in {POD}; {most.name} costs most, "
        f"{most.value:.0f} µs",
        unit="microseconds of CPU per request; less is better",
        groups=[Group("One part, on against off", parts), Group("The whole server", servers)],
    )


def _bar(measured: Measured, side: Side) -> Bar:
    """What a part adds to the CPU of a request, with the quartiles."""
    found = measured.of_part(side)
    without = measured.median(POD if side.is_added else side.name, "cpu") * 1e6
    low, extra, high = (
        max(0.0, (ratio - 1) * without) for ratio in (found.low, found.ratio, found.high)
    )
    label = UNCLEAR if found.verdict == UNCLEAR else f"{extra:.1f} µs"
    return Bar(side.part, extra, label, low, high, is_ours=True)
