"""Refuses to start in a way that would break what a pod is promised.

uvicorn falls back in silence: to asyncio where uvloop is missing, to h11 where httptools is, to
several processes where WEB_CONCURRENCY says so. In a pod each of these is a fault of the image or
of its settings, so it ends the process at once instead of halving the throughput unseen.
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


class Refusal(click.ClickException):
    """Ends the process with exit code 3 and one sentence on stderr that says what to do."""

    exit_code = EXIT_CODE

    def show(self, file: IO[Any] | None = None) -> None:
        """Prints the sentence."""
        click.echo(f"uvicorn-pod: {self.format_message()}", file=file, err=True)


def check_settings(settings: Mapping[str, Any]) -> None:
    """Checks uvicorn's settings and the management port.

    Raises Refusal if they ask for anything but one process on uvloop and httptools.
    """
    _check_single_process(settings["workers"], os.environ.get("WEB_CONCURRENCY"))
    if settings["reload"]:
        raise Refusal("--reload starts a second process; remove it, or develop with `uvicorn`.")
    if settings["http2"]:
        raise Refusal("--http2 needs another parser; remove it and let the proxy speak HTTP/2.")
    for option, package in (("loop", "uvloop"), ("http", "httptools")):
        if settings[option] != package:
            raise Refusal(
                f"--{option} is {settings[option]!r} and must be {package!r}: "
                f"remove it and UVICORN_{option.upper()}, or start this image with plain `uvicorn`."
            )
        _check_installed(package)
    port = settings["port"]
    if settings["management_port"] == port != 0:
        raise Refusal(f"--port and --management-port are both {port}; change one of them.")


def check_running(loop: asyncio.AbstractEventLoop, protocol: type[asyncio.Protocol]) -> None:
    """Raises Refusal unless this very loop is uvloop's and this class parses with httptools."""
    for what, found, expected in (
        ("event loop", type(loop), import_from_string("uvloop:Loop")),
        ("HTTP parser", protocol, import_from_string(HTTP_PROTOCOLS["httptools"])),
    ):
        if not issubclass(found, expected):
            raise Refusal(f"the {what} is {found}, not {expected}; remove what replaces it.")


def _check_single_process(workers: int | None, web_concurrency: str | None) -> None:
    advice = "run one process per pod and add replicas instead."
    if workers not in (None, 1):
        raise Refusal(f"--workers (UVICORN_WORKERS) is {workers} and must be 1: {advice}")
    if web_concurrency not in (None, "", "1"):
        raise Refusal(f"WEB_CONCURRENCY is {web_concurrency!r} and must be 1: {advice}")


def _check_installed(package: str) -> None:
    try:
        importlib.import_module(package)
    except ImportError as error:
        raise Refusal(f"install {package}, it cannot be imported here: {error}.") from None
