"""Certificates that are signed by themselves, and clients that trust a single one."""

import http.client
import socket
import ssl
from pathlib import Path

from tests.support.commands import run
from tests.support.http_client import HOST, Client


class Certificate:
    """A certificate for one host name, valid for a day, in two files of a folder."""

    def __init__(self, hostname: str, folder: Path) -> None:
        self.file = folder / f"{hostname}.crt"
        self.key_file = folder / f"{hostname}.key"
        run(
            "openssl", "req", "-x509", "-nodes", "-days=1", "-subj=/CN=test",
            "-newkey=ec", "-pkeyopt=ec_paramgen_curve:prime256v1",
            f"-addext=subjectAltName=DNS:{hostname}",
            f"-out={self.file}", f"-keyout={self.key_file}",
        )  # fmt: skip

    def trusting(self) -> ssl.SSLContext:
        """Returns a context that trusts this certificate and no other."""
        return ssl.create_default_context(cafile=self.file)


class TlsClient(Client):
    """A client that asks a port on loopback for a host name, and trusts one certificate."""

    def __init__(
        self, port: int, hostname: str, trusted: Certificate, timeout_seconds: float = 10
    ) -> None:
        self._connection = http.client.HTTPConnection(hostname, port, timeout=timeout_seconds)
        self._connection.auto_open = 0
        plain = socket.create_connection((HOST, port), timeout=timeout_seconds)
        # It takes the socket over, and closes it if the handshake fails.
        self._connection.sock = trusted.trusting().wrap_socket(plain, server_hostname=hostname)
