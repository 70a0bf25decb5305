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
from uvicorn.config import HTTP_PROTOCOLS
from uvicorn.importer import import_from_string

EXIT_CODE = 3


class StartupRefusal(click.ClickException):
    """Ends the process with exit code 3 and one sentence on stderr that says what to do."""

    exit_code = EXIT_CODE

    def show(self, file: IO[Any] | None = None) -> None:
        """Prints the sentence."""
        click.echo(f"uvicorn-pod: {self.format_message()}", file=file, err=True)


def check_settings(settings: Mapping[str, Any]) -> None:
    """Checks uvicorn's settings and the management port.

    Raises StartupRefusal unless they ask for one process on uvloop and httptools, with two
    different ports.
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


def check_running(loop: asyncio.AbstractEventLoop, protocol: type[asyncio.Protocol]) -> None:
    """Raises StartupRefusal unless `loop` is uvloop's and `protocol` parses with httptools."""
    for what, found, expected in (
        ("event loop", type(loop), import_from_string("uvloop:Loop")),
        ("HTTP parser", protocol, import_from_string(HTTP_PROTOCOLS["httptools"])),
    ):
        if not issubclass(found, expected):
            raise StartupRefusal(f"the {what} is {found}, not {expected}; remove what replaces it.")


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
