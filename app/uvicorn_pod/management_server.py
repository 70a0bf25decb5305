"""Serves `/startupz`, `/readyz`, `/livez` and `/metrics` on the management port, from threads.

The threads do not wait for the event loop, so a pod whose loop is busy still answers. What a probe
answers is decided in probes.py.
"""

import socket
import socketserver
import threading
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer

from prometheus_client import make_wsgi_app

from uvicorn_pod.metrics import Metrics
from uvicorn_pod.probes import Probes
from uvicorn_pod.startup_refusals import StartupRefusal

if TYPE_CHECKING:
    from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

CLIENT_SECONDS = 5.0


def start(host: str, port: int, probes: Probes, metrics: Metrics) -> None:
    """Opens the port and serves it from daemon threads until the process ends.

    Raises StartupRefusal if the port cannot be opened.
    """
    try:
        server = _Server(host, port)
    except OSError as error:
        raise StartupRefusal(
            f"--management-port {port} cannot be opened on {host or 'all interfaces'}: "
            f"{error.strerror}; free it or choose another."
        ) from None
    server.set_app(application(probes, metrics))
    threading.Thread(target=server.serve_forever, name="management", daemon=True).start()


def application(probes: Probes, metrics: Metrics) -> "WSGIApplication":
    """The WSGI app of the port: the four routes, and 404 for every other path."""
    checks = {
        "/startupz": probes.why_not_started,
        "/readyz": probes.why_not_ready,
        "/livez": probes.why_not_alive,
    }
    exposition = make_wsgi_app(metrics.registry)

    def answer(environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        path = environ["PATH_INFO"]
        status, reason = "404 Not Found", "no route"
        if path in checks:
            status, reason = _probe(checks[path])
        elif path == "/metrics":
            try:
                exposed: Iterable[bytes] = exposition(environ, start_response)
            except Exception as error:  # noqa: BLE001 - a malformed Accept, or a collector of the app
                status, reason = "500 Internal Server Error", ascii(error)
            else:
                return exposed
        start_response(status, [("content-type", "text/plain; charset=utf-8")])
        return [f"{reason}\n".encode()]

    return answer


def _probe(why_not: Callable[[], str | None]) -> tuple[str, str]:
    reason = why_not()
    return ("200 OK", "ok") if reason is None else ("503 Service Unavailable", reason)


class _Handler(WSGIRequestHandler):
    timeout = CLIENT_SECONDS  # frees the thread of a client that sends nothing
    wbufsize = 65_536  # one write per answer: after each, a busy loop makes us wait for the GIL

    def log_message(self, *_args: object) -> None:
        """Logs nothing, because probes and scrapes would fill the log."""


class _Server(socketserver.ThreadingMixIn, WSGIServer):
    daemon_threads = True
    request_queue_size = 128

    def __init__(self, host: str, port: int) -> None:
        """An empty `host` means all interfaces, with IPv4 and IPv6, as in uvicorn."""
        self._is_dual_stack = not host and socket.has_dualstack_ipv6()
        is_ipv6 = ":" in host or self._is_dual_stack
        self.address_family = socket.AF_INET6 if is_ipv6 else socket.AF_INET
        super().__init__((host, port), _Handler)

    def server_bind(self) -> None:
        """Binds without HTTPServer's lookup of the host name, which may wait for DNS."""
        if self._is_dual_stack:
            self.socket.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
        socketserver.TCPServer.server_bind(self)
        self.server_name, self.server_port = str(self.server_address[0]), self.server_address[1]
        self.setup_environ()

    def handle_error(self, *_args: object) -> None:
        """Logs nothing: slow and disconnected clients are normal here."""
