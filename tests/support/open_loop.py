"""Open-loop load: requests arrive at a fixed rate, and each client gives up after a while.

Users do not wait for each other. A server that falls behind gets no less of this load.
"""

import asyncio
import time
from collections import Counter
from dataclasses import dataclass, field

from tests.support.http_client import HOST

MOST_REQUESTS = 20_000


@dataclass
class Arrivals:
    """What became of the requests that arrived in `seconds`."""

    seconds: float
    outcomes: Counter[str] = field(default_factory=Counter)
    """Each status in time, `gave up` after the patience, and each error by its name."""
    delays: list[float] = field(default_factory=list)
    """Seconds by which each request was sent too late. Long ones are the fault of the load."""
    good_moments: list[float] = field(default_factory=list)
    """When each answer with status 200 came in time, by `time.monotonic`."""

    @property
    def good_per_second(self) -> float:
        """Answers with status 200 in time."""
        return self.outcomes["200"] / self.seconds


async def arrive(
    port: int,
    path: str,
    per_second: float,
    seconds: float,
    patience_seconds: float,
    *,
    warm_up_seconds: float = 0,
) -> Arrivals:
    """Sends requests at even intervals, each on a fresh connection, until `seconds` have passed.

    Before that, sends as many for `warm_up_seconds`, and counts none of them.
    Raises ValueError for more than `MOST_REQUESTS`.
    """
    number = int(per_second * (warm_up_seconds + seconds))
    if number > MOST_REQUESTS:
        raise ValueError(f"{number} requests, wanted at most {MOST_REQUESTS}")
    request = f"GET {path} HTTP/1.1\r\nhost: {HOST}\r\n\r\n".encode()
    warm_up, arrivals = Arrivals(warm_up_seconds), Arrivals(seconds)
    begun = time.perf_counter()
    async with asyncio.TaskGroup() as group:
        for count in range(number):
            due = count / per_second
            await asyncio.sleep(begun + due - time.perf_counter())
            counted = warm_up if due < warm_up_seconds else arrivals
            counted.delays.append(time.perf_counter() - begun - due)
            group.create_task(_send(port, request, patience_seconds, counted))
    return arrivals


async def read_answer(reader: asyncio.StreamReader) -> str:
    """Reads an answer with a Content-Length, and returns its status."""
    head = await reader.readuntil(b"\r\n\r\n")
    length = int(head.lower().partition(b"content-length:")[2].split(b"\r\n", 1)[0])
    await reader.readexactly(length)
    return head.split(b" ", 2)[1].decode()


async def _send(port: int, request: bytes, patience_seconds: float, arrivals: Arrivals) -> None:
    writer, outcomes = None, arrivals.outcomes
    try:
        async with asyncio.timeout(patience_seconds):
            reader, writer = await asyncio.open_connection(HOST, port)
            writer.write(request)
            status = await read_answer(reader)
            outcomes[status] += 1
            if status == "200":
                arrivals.good_moments.append(time.monotonic())
    except TimeoutError:
        outcomes["gave up"] += 1
    except (OSError, asyncio.IncompleteReadError) as error:
        outcomes[type(error).__name__] += 1
    finally:
        if writer is not None:
            writer.transport.abort()
