"""Refuses to start the process in a way that would break the promises of a pod.

uvicorn falls back silently: to asyncio without uvloop, to h11 without httptools, and to several
processes if WEB_CONCURRENCY asks for them. In a pod, each of these is a mistake in the image or in
its settings. So the process exits at once, instead of serving half the throughput unnoticed.
"""

import asyncio
import importlib
import os
from collections.abc import Mapping
from typing import IO, Any

import click
from uvicorn.config import HTTP_PROTOCOLS, Config, create_ssl_context
from uvicorn.importer import import_from_string

EXIT_CODE = 3
MIN_BLOCKED_SECONDS = 0.2


class StartupRefusal(click.ClickException):
    """Ends the process with exit code 3 and one sentence on stderr that says what to do."""

    exit_code = EXIT_CODE

    def show(self, file: IO[Any] | None = None) -> None:
        """Prints the sentence."""
        click.echo(f"uvicorn-pod: {self.format_message()}", file=file, err=True)


def check_settings(settings: Mapping[str, Any]) -> None:
    """Checks uvicorn's settings, the management port and compression.

    Raises StartupRefusal unless they ask for one process on uvloop and httptools, with two
    different ports, with TLS files that can be loaded, and without zstd where gzip is off.
    """
    _check_single_process(settings["workers"], os.environ.get("WEB_CONCURRENCY"))
    if settings["reload"]:
        raise StartupRefusal(
            "--reload starts a second process; remove it, or develop with `uvicorn`."
        )
    if settings["http2"]:
        raise StartupRefusal(
            "--http2 needs another parser; remove it and let the proxy speak HTTP/2."
        )
    for option, package in (("loop", "uvloop"), ("http", "httptools")):
        if settings[option] != package:
            raise StartupRefusal(
                f"--{option} is {settings[option]!r} and must be {package!r}: "
                f"remove it and UVICORN_{option.upper()}, or start this image with plain `uvicorn`."
            )
        _check_installed(package)
    port = settings["port"]
    if settings["management_port"] == port != 0:
        raise StartupRefusal(f"--port and --management-port are both {port}; change one of them.")
    if settings["zstd"] and not settings["gzip"]:
        raise StartupRefusal(
            "--zstd (UVICORN_ZSTD) only chooses a coding for --gzip, which is off: "
            "add --gzip, which turns compression on, or remove --zstd."
        )
    _check_blocked(settings["blocked_seconds"], settings["liveness_seconds"])
    _check_tls(settings)


def check_running(loop: asyncio.AbstractEventLoop, protocol: type[asyncio.Protocol]) -> None:
    """Raises StartupRefusal unless `loop` is uvloop's and `protocol` parses with httptools."""
    for what, found, expected in (
        ("event loop", type(loop), import_from_string("uvloop:Loop")),
        ("HTTP parser", protocol, import_from_string(HTTP_PROTOCOLS["httptools"])),
    ):
        if not issubclass(found, expected):
            raise StartupRefusal(
                f"the {what} is {found}, not {expected}; "
                "remove the code in the app that replaces it."
            )


def socket_refusal(config: Config, error: OSError) -> StartupRefusal:
    """The refusal to start when the socket of --uds or --fd cannot be opened."""
    option = f"--fd {config.fd}" if config.fd is not None else f"--uds {config.uds}"
    reason = error.strerror or error
    return StartupRefusal(f"{option} cannot be opened: {reason}; correct or remove it.")


def _check_blocked(seconds: float, liveness_seconds: float) -> None:
    if seconds and not MIN_BLOCKED_SECONDS <= seconds < liveness_seconds:
        raise StartupRefusal(
            f"--blocked-seconds is {seconds:g} and must be 0, or from {MIN_BLOCKED_SECONDS} up to "
            f"less than --liveness-seconds ({liveness_seconds:g}): the loop is measured ten times "
            "a second, and a failed liveness probe ends the process."
        )


def _check_tls(settings: Mapping[str, Any]) -> None:
    """Loads the TLS files as uvicorn does later, when the app has been imported."""
    certificate, key = settings["ssl_certfile"], settings["ssl_keyfile"]
    if key and not certificate:
        raise StartupRefusal("--ssl-keyfile needs --ssl-certfile; set both or neither.")
    if not certificate:
        return
    try:
        create_ssl_context(
            certfile=certificate,
            keyfile=key,
            password=settings["ssl_keyfile_password"],
            ssl_version=settings["ssl_version"],
            cert_reqs=settings["ssl_cert_reqs"],
            ca_certs=settings["ssl_ca_certs"],
            ciphers=settings["ssl_ciphers"],
        )
    except (OSError, ValueError) as error:  # ssl.SSLError is an OSError
        paths = [certificate, key, settings["ssl_ca_certs"]]
        missing = next((path for path in paths if path and not os.access(path, os.R_OK)), None)
        named = f"{missing} cannot be read" if missing else "they cannot be loaded"
        raise StartupRefusal(
            f"the TLS files of --ssl-certfile, --ssl-keyfile and --ssl-ca-certs: {named} ({error})."
        ) from None


def _check_single_process(workers: int | None, web_concurrency: str | None) -> None:
    advice = "run one process per pod and add replicas instead."
    if workers not in (None, 1):
        raise StartupRefusal(f"--workers (UVICORN_WORKERS) is {workers} and must be 1: {advice}")
    if web_concurrency not in (None, "", "1"):
        raise StartupRefusal(f"WEB_CONCURRENCY is {web_concurrency!r} and must be 1: {advice}")


def _check_installed(package: str) -> None:
    try:
        importlib.import_module(package)
    except ImportError as error:
        raise StartupRefusal(f"install {package}: it cannot be imported ({error}).") from None
