"""How long small answers take while the same process compresses large ones.

Both kinds of requests arrive at random moments, whether or not the server keeps up. The time of an
answer counts from the moment at which its request was due.
"""

import asyncio
import random
import time
from contextlib import closing
from statistics import quantiles

from tests.support.http_client import HOST
from tests.support.open_loop import read_answer

SMALL, LARGE = "/bytes?size=100", "/catalog"
SMALL_PER_SECOND, LARGE_PER_SECOND = 200, 20
"""At 20 a second, zlib's level 5 takes a third to a half of a core."""


async def p99_seconds(port: int, accept_encoding: str, seconds: float, block: int) -> float:
    """Returns the 99th percentile of the small answers' times.

    An empty `accept_encoding` asks for no large answers at all. Calls with the same `block` have
    the same moments. Raises RuntimeError for an answer that is not 200.
    """
    times: list[float] = []
    ends = time.perf_counter() + seconds
    async with asyncio.TaskGroup() as group:
        group.create_task(_ask(port, SMALL, "identity", SMALL_PER_SECOND, ends, times, block))
        if accept_encoding:
            group.create_task(_ask(port, LARGE, accept_encoding, LARGE_PER_SECOND, ends, [], block))
    return quantiles(times, n=100)[98]


async def _ask(
    port: int,
    path: str,
    accept_encoding: str,
    per_second: int,
    ends: float,
    times: list[float],
    block: int,
) -> None:
    """Sends one request after another on a kept connection; a late one is sent at once.

    They are due at random moments: at fixed ones, each large answer would meet the same small ones.
    """
    draw = random.Random(f"{path} {block}")  # noqa: S311 - the same for each coding
    fields = f"host: bench\r\naccept-encoding: {accept_encoding}\r\n"
    request = f"GET {path} HTTP/1.1\r\n{fields}\r\n".encode()
    reader, writer = await asyncio.open_connection(HOST, port)
    with closing(writer):
        due = time.perf_counter()
        while due < ends:
            await asyncio.sleep(due - time.perf_counter())
            writer.write(request)
            status = await read_answer(reader)
            if status != "200":
                raise RuntimeError(f"GET {path}: status {status}, wanted 200")
            times.append(time.perf_counter() - due)
            due += draw.expovariate(per_second)
