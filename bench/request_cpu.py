"""CPU time per request of everything except the sockets, in one process, even on a busy machine.

All sides parse the same bytes, run the same app on uvloop and write to a transport that drops
everything. The sides alternate in blocks, and only ratios of neighbouring blocks are compared.
"""

import asyncio
import os
from statistics import median, quantiles
from time import process_time
from typing import cast

import uvloop
from prometheus_client import CollectorRegistry
from reference.main import app
from uvicorn import Config
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol
from uvicorn.server import ServerState
from uvicorn_pod.access_log import AccessLog
from uvicorn_pod.accounting import Accounting
from uvicorn_pod.asgi import App
from uvicorn_pod.forwarded_headers import only_where_present
from uvicorn_pod.head_limits import HeadLimits, limited_protocol
from uvicorn_pod.metrics import Metrics
from uvicorn_pod.websocket_app import WebSocketApp

ROUNDS = 150
REQUESTS = 100  # in a block
REQUEST = b"GET / HTTP/1.1\r\nhost: bench\r\nuser-agent: bench\r\naccept: */*\r\n\r\n"


class _Transport:
    """Counts answers."""

    answers = 0

    def write(self, data: bytes) -> None:
        self.answers += data.startswith(b"HTTP/1.1 200")

    def is_closing(self) -> bool:
        return False

    def close(self) -> None: ...

    def resume_reading(self) -> None: ...

    def get_extra_info(self, _name: str) -> None: ...


class _Side:
    def __init__(
        self, protocol: type[HttpToolsProtocol], accounting: Accounting | None = None
    ) -> None:
        config = Config(cast("App", app), access_log=False, log_config=None)
        config.load()
        if accounting is not None:
            config.loaded_app = WebSocketApp(only_where_present(config.loaded_app), accounting)
        self._accounting = accounting
        self._transport = _Transport()
        self._protocol = protocol(config, ServerState(), {})
        self._protocol.connection_made(cast("asyncio.Transport", self._transport))

    async def run_block(self) -> float:
        """CPU seconds per request."""
        started = process_time()
        target = self._transport.answers + REQUESTS
        while self._transport.answers < target:
            self._protocol.data_received(REQUEST)
            await asyncio.gather(*self._protocol.tasks)
        if self._accounting is not None:
            self._accounting.flush_records()  # here, or it is done at another side's expense
        return (process_time() - started) / REQUESTS


def _pod(log: AccessLog | None) -> _Side:
    accounting = Accounting(Metrics(CollectorRegistry()), log)
    return _Side(limited_protocol(HeadLimits(10, 65_536, 100), accounting), accounting)


async def _measure(descriptor: int) -> dict[str, list[float]]:
    sides = {
        "uvicorn, no access log": _Side(HttpToolsProtocol),
        "uvicorn-pod": _pod(AccessLog(lambda lines: os.write(descriptor, lines))),
        "without its access log": _pod(None),
    }
    seconds: dict[str, list[float]] = {name: [] for name in sides}
    names = list(sides)
    for round_number in range(ROUNDS):
        turn = round_number % len(names)
        for name in names[turn:] + names[:turn]:
            seconds[name].append(await sides[name].run_block())
    return seconds


def main() -> None:
    """Prints a line per side; the log goes to /dev/null."""
    descriptor = os.open(os.devnull, os.O_WRONLY)
    seconds = uvloop.run(_measure(descriptor))
    base = next(iter(seconds.values()))
    print(f"\nCPU per request of GET / without sockets, {ROUNDS} interleaved blocks of {REQUESTS}")
    for name, times in seconds.items():
        ratios = [its / own for its, own in zip(base, times, strict=True)]
        low, _, high = quantiles(ratios, n=4)
        print(
            f"  {name:27} {median(times) * 1e6:6.1f} µs   "
            f"{median(ratios):.3f}x the speed of uvicorn ({low:.3f}-{high:.3f})"
        )


if __name__ == "__main__":
    main()
