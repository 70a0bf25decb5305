"""Numbers of Linux's struct tcp_info about a socket (include/uapi/linux/tcp.h).

It begins with 8 bytes; then come fields of 4 bytes each. Other systems and Unix sockets have none.
"""

import socket
import sys
from contextlib import suppress

UNACKED = 4
"""`tcpi_unacked`; of a socket that listens, the connections that wait to be accepted."""
LAST_DATA_RECV = 11
"""`tcpi_last_data_recv`: milliseconds since the last data arrived."""


def field(tcp: socket.socket, number: int) -> int:
    """Returns a field; 0 where the kernel does not tell, for example of a closed socket."""
    begin = 8 + 4 * number
    with suppress(AttributeError, OSError):  # no TCP_INFO, or closed
        info = tcp.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, begin + 4)
        return int.from_bytes(info[begin:], sys.byteorder)
    return 0
