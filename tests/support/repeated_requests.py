"""Clients that send one request after another: the loop that the load and the prober share."""

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace

from tests.support.http_client import LOST, Answer, Client

ERROR_PAUSE_SECONDS = 0.1

Outcome = Answer | Exception


@dataclass(frozen=True)
class Bounds:
    """The limits of each client, and its pause after each answer."""

    seconds: float
    requests: int
    timeout_seconds: float
    pause_seconds: float = 0


@dataclass
class RepeatingClient:
    """Requests a path from a port on loopback, and passes each answer or error to `count`.

    With `is_kept` it keeps a connection until the server closes it or tells it to close. Otherwise
    it opens a connection for each request. It never sends a request again.
    """

    port: int
    path: str
    is_kept: bool
    count: Callable[[Outcome], None]
    _connection: Client | None = None

    def run(self, bounds: Bounds, stop: threading.Event, lock: threading.Lock) -> bool:
        """Sends requests until it is stopped, or returns False at a bound."""
        deadline = time.monotonic() + bounds.seconds
        for _ in range(bounds.requests):
            if stop.is_set() or time.monotonic() > deadline:
                break
            outcome = self._request(bounds.timeout_seconds)
            with lock:
                self.count(outcome)
            is_error = isinstance(outcome, Exception)
            stop.wait(ERROR_PAUSE_SECONDS if is_error else bounds.pause_seconds)
        self._close()
        return stop.is_set()

    def _request(self, timeout_seconds: float) -> Outcome:
        begun = time.monotonic()
        if self._connection is not None and self._connection.is_closed_by_server():
            self._close()  # RFC 9112 §9.5 allows a server to close between two requests
        try:
            self._connection = self._connection or Client(self.port, timeout_seconds)
            headers = {} if self.is_kept else {"connection": "close"}
            answer = self._connection.get(self.path, **headers)
        except LOST as error:
            self._close()
            return error
        if answer.is_closing or not self.is_kept:
            self._close()
        return replace(answer, seconds=time.monotonic() - begun)

    def _close(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None


@contextmanager
def sending(clients: Sequence[RepeatingClient], bounds: Bounds) -> Iterator[None]:
    """Runs each client in a thread until the block ends; no two call `count` at the same time.

    Raises RuntimeError after a block in which a client reached a bound: what the block waited for
    was then seen without its requests.
    """
    stop, lock = threading.Event(), threading.Lock()
    with ThreadPoolExecutor(len(clients)) as pool:
        running = [pool.submit(client.run, bounds, stop, lock) for client in clients]
        try:
            yield
        finally:
            stop.set()
        ended = sum(not client.result() for client in running)
    if ended:
        raise RuntimeError(f"{ended} of {len(clients)} clients ended before the block: {bounds}")
