"""Accepts the connections that libuv leaves for later turns of the event loop.

libuv accepts one connection in a turn. If every turn also runs the requests of many kept
connections, new connections wait in the kernel until their clients give up.
"""

import asyncio
import os
import socket
from collections.abc import Callable, Iterable
from contextlib import suppress

MOST_BEING_MADE = 64


class AcceptQueue:
    """The connections of a server that the kernel has made and nobody has accepted yet."""

    def __init__(
        self, listeners: Iterable[int], new_protocol: Callable[[], asyncio.Protocol]
    ) -> None:
        """`listeners` are the file descriptors of the server's sockets, which it keeps open."""
        # asyncio hides the accept method of a server's sockets. The copies share its queue.
        self._listeners = [socket.socket(fileno=os.dup(number)) for number in listeners]
        for listener in self._listeners:
            listener.setblocking(False)  # else the app's socket.setdefaulttimeout() holds here
        self._new_protocol = new_protocol
        self._being_made: set[asyncio.Task[object]] = set()

    def accept_more(self) -> None:
        """Accepts what waits; call it for each new connection.

        At most MOST_BEING_MADE connections have no protocol yet, which takes a few turns.
        """
        loop = asyncio.get_running_loop()
        for listener in self._listeners:
            with suppress(OSError):  # none waits, or there are too many open files
                while len(self._being_made) < MOST_BEING_MADE:
                    connection, _ = listener.accept()
                    connection.setblocking(False)
                    making = loop.connect_accepted_socket(self._new_protocol, connection)
                    task = loop.create_task(making)
                    self._being_made.add(task)
                    task.add_done_callback(self._being_made.discard)

    async def close(self) -> None:
        """Stops accepting. Call it before the server closes its sockets, or they stay open.

        Each accepted connection is known to the server when this returns.
        """
        for listener in self._listeners:
            listener.close()
        self._listeners.clear()
        await asyncio.gather(*self._being_made, return_exceptions=True)
