"""Accepts the connections that libuv leaves for later turns of the event loop.

libuv accepts one connection in a turn. If every turn also runs the requests of many kept
connections, new connections wait in the kernel until their clients give up.
"""

import asyncio
import os
import socket
import ssl
from collections.abc import Callable, Iterable
from contextlib import suppress

from uvicorn_pod import tcp_info, tcp_table

MOST_IN_A_TURN = 64


class AcceptQueue:
    """The connections of a server that the kernel has made and nobody has accepted yet."""

    def __init__(
        self,
        listeners: Iterable[int],
        new_protocol: Callable[[], asyncio.Protocol],
        tls: ssl.SSLContext | None = None,
    ) -> None:
        """`listeners` are the file descriptors of the server's sockets, which it keeps open."""
        # asyncio hides the accept method of a server's sockets. The copies share its queue.
        self._listeners = [socket.socket(fileno=os.dup(number)) for number in listeners]
        for listener in self._listeners:
            listener.setblocking(False)  # else the app's socket.setdefaulttimeout() holds here
        self._ports = {number for one in self._listeners if (number := _port(one))}
        self._new_protocol = new_protocol
        self._tls = tls
        self._has_accepted = False  # in this turn of the loop
        self._being_made: set[asyncio.Task[None]] = set()

    def length(self) -> int:
        """Returns how many connections wait whose clients have not left; any thread may call it.

        The kernel also keeps those whose clients have left. Once they fill the queue, it makes no
        more connections, and clients that wait for one are not counted. The number is 0 for Unix
        sockets, on other systems than Linux, and once `close` was called.
        """
        kept = sum(tcp_info.field(one, tcp_info.UNACKED) for one in tuple(self._listeners))
        waiting = tcp_table.count_waiting(self._ports) if kept else 0
        return kept if waiting is None else min(waiting, kept)

    def accept_more(self) -> None:
        """Accepts what waits, once in a turn; call it for each new connection.

        At most MOST_IN_A_TURN connections, so that the kept ones get their turn too. The limit
        does not count unfinished TLS handshakes, or a few stalled clients would use it up.
        """
        if self._has_accepted or not self._listeners:
            return
        self._has_accepted = True
        loop = asyncio.get_running_loop()
        loop.call_soon(self._end_turn)
        left = MOST_IN_A_TURN
        for listener in self._listeners:
            with suppress(OSError):  # none waits, or there are too many open files
                while left:
                    connection, _ = listener.accept()
                    left -= 1
                    connection.setblocking(False)
                    task = loop.create_task(self._make(connection))
                    self._being_made.add(task)
                    task.add_done_callback(self._being_made.discard)

    def _end_turn(self) -> None:
        self._has_accepted = False

    async def _make(self, connection: socket.socket) -> None:
        """Hands the connection to a new protocol. A client may leave before that is done."""
        with suppress(OSError):
            loop = asyncio.get_running_loop()
            await loop.connect_accepted_socket(self._new_protocol, connection, ssl=self._tls)

    async def close(self) -> None:
        """Stops accepting. Call it before the server closes its sockets, or they stay open.

        Each accepted connection is known to the server when this returns. With TLS, those whose
        handshake is unfinished are closed, because waiting could take a minute.
        """
        for listener in self._listeners:
            listener.close()
        self._listeners.clear()
        if self._tls is not None:
            for task in self._being_made:
                task.cancel()
        await asyncio.gather(*self._being_made, return_exceptions=True)


def _port(listener: socket.socket) -> int | None:
    is_tcp = listener.family in {socket.AF_INET, socket.AF_INET6}
    return int(listener.getsockname()[1]) if is_tcp else None
