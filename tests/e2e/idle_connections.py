"""Connections to a proxy that are all in use, then all idle, then all in use again."""

import asyncio
import time
from collections import Counter
from collections.abc import Callable, Sequence
from statistics import median

from tests.support.http_client import HOST
from tests.support.open_loop import read_answer

CONNECTIONS = 50
SPREAD_SECONDS = 0.005
"""The requests come in this time, around the moment that is due."""
LOOK_BEFORE_SECONDS = 2
LATE_SECONDS = 0.5
ANSWER_SECONDS = 30
RENEWED_SECONDS = 17
"""After the begin of a round, its connections are older than `uvicorn.maxConnectionSeconds`.

That is 10 s and up to a quarter more, from the second POSTs on, which begin within 4 s.
"""
REQUEST = f"POST /together HTTP/1.1\r\nhost: {HOST}\r\ncontent-length: 0\r\n\r\n".encode()


class KeptConnection:
    """A connection to a proxy; it is opened again if the proxy has closed it."""

    def __init__(self, port: int) -> None:
        self.answered = 0.0
        self._port = port
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def post(self, due: float = 0) -> str:
        """Sends a POST at this moment of `time.monotonic`, or now.

        Returns its status, or the name of the error, or `sent late`.
        """
        await asyncio.sleep(due - time.monotonic())
        if due and time.monotonic() - due > LATE_SECONDS:
            return "sent late"
        try:
            async with asyncio.timeout(ANSWER_SECONDS):
                if self._streams is None or self._streams[0].at_eof():
                    self.close()
                    self._streams = await asyncio.open_connection(HOST, self._port)
                reader, writer = self._streams
                writer.write(REQUEST)
                status = await read_answer(reader)
        except (OSError, asyncio.IncompleteReadError) as error:
            return type(error).__name__
        self.answered = time.monotonic()
        return status

    def close(self) -> None:
        """Closes the connection, if it is open."""
        if self._streams is not None:
            self._streams[1].close()


def outcomes_after_idle(
    proxy: int, idle_seconds: Sequence[float], look: Callable[[float], object]
) -> Counter[str]:
    """Sends POSTs to the port of a proxy, on connections that were idle for each of these seconds.

    Calls `look` with the seconds, a moment earlier. Returns the outcomes.
    """
    outcomes: Counter[str] = Counter()
    renewed = 0.0
    for seconds in idle_seconds:
        time.sleep(max(0, renewed - time.monotonic()))
        renewed = time.monotonic() + RENEWED_SECONDS
        outcomes.update(asyncio.run(_one_round(proxy, seconds, look)))
    return outcomes


async def _one_round(proxy: int, idle_seconds: float, look: Callable[[float], object]) -> list[str]:
    connections = [KeptConnection(proxy) for _ in range(CONNECTIONS)]
    # Twice: the pod ends the connections that the proxy has kept from the round before with their
    # next answer, because of their age. The second POSTs are sent on new ones.
    for _ in range(2):
        first = await asyncio.gather(*(one.post() for one in connections))
        assert set(first) == {"200"}, f"POSTs before the idle time, to {proxy}: {Counter(first)}"
    due = median(one.answered for one in connections) + idle_seconds
    await asyncio.sleep(due - LOOK_BEFORE_SECONDS - time.monotonic())
    await asyncio.to_thread(look, idle_seconds)
    pause = SPREAD_SECONDS / CONNECTIONS
    moments = [due + pause * (number - CONNECTIONS / 2) for number in range(CONNECTIONS)]
    pairs = zip(connections, moments, strict=True)
    found = await asyncio.gather(*(one.post(moment) for one, moment in pairs))
    for one in connections:
        one.close()
    return found
