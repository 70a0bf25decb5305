"""Closes the WebSockets of a draining server one after another.

Their clients reconnect to other pods. If all were closed at once, all would reconnect at once.
"""

import math
from collections.abc import Iterable
from typing import Any
from weakref import WeakSet

from uvicorn_pod.websocket_session import SERVICE_RESTART

# The protocol that uvicorn chooses. It can only be imported where the library `websockets` is.
HANDSHAKING = "WebSocketsSansIOProtocol"

# Part of the drain in which the pod's endpoint is removed: a client that reconnects earlier may
# reach the same pod again.
SETTLING_PART = 1 / 3


class WebSocketDrain:
    """Spreads the closes, with code 1012 (service restart), over the rest of a drain."""

    def __init__(self, drain_seconds: float, http_protocol: type) -> None:
        """`http_protocol` is the class of the connections that are not WebSockets."""
        self._http_protocol = http_protocol
        self._begins_at_left = drain_seconds * (1 - SETTLING_PART)
        self._closed: WeakSet[Any] = WeakSet()

    def close_some(
        self, connections: Iterable[object], left_seconds: float, tick_seconds: float
    ) -> None:
        """Closes the share of this tick. Call it once per tick of the drain.

        `connections` are uvicorn's; `left_seconds` is the rest of the drain.
        """
        if left_seconds > self._begins_at_left:
            return
        still_open = [
            connection
            for connection in connections
            if not isinstance(connection, self._http_protocol) and connection not in self._closed
        ]
        ticks = max(1, math.floor(left_seconds / tick_seconds))
        for connection in still_open[: math.ceil(len(still_open) / ticks)]:
            self._closed.add(connection)
            _close(connection)


def _close(connection: Any) -> None:  # noqa: ANN401 - uvicorn's, of any implementation
    """Sends a close frame; the connection ends when the client has answered it.

    uvicorn's `shutdown` closes the socket at once, so the client's close frame is answered with a
    reset (RFC 6455 §7.1.1 wants both frames first). A client whose connection was reset may use its
    port again at once, and kube-proxy then takes its packets to this pod as before.
    """
    if type(connection).__name__ != HANDSHAKING or not connection.handshake_complete:
        connection.shutdown()
    elif not connection.close_sent:
        connection.stop_keepalive()
        connection.queue.put_nowait({"type": "websocket.disconnect", "code": SERVICE_RESTART})
        connection.conn.send_close(SERVICE_RESTART)
        connection.transport.write(b"".join(connection.conn.data_to_send()))
        connection.close_sent = True
        connection.disconnected = True  # the app that still sends is told so
        if connection.read_paused:
            connection.read_paused = False
            connection.transport.resume_reading()
        connection.close_timer = connection.loop.call_later(
            connection.close_timeout, connection.transport.close
        )
