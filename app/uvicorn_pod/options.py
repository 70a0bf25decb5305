"""The options of the command line: uvicorn's own and a few more. Each is declared once, here."""

import copy
import importlib.metadata
import platform
from types import SimpleNamespace
from typing import Any

import click
import uvicorn
from uvicorn.main import main as uvicorn_command

from uvicorn_pod.limits import Limits


def _print_versions(context: click.Context, _option: click.Parameter, wanted: bool) -> None:
    if not wanted or context.resilient_parsing:
        return
    try:
        version = importlib.metadata.version("uvicorn-pod")
    except importlib.metadata.PackageNotFoundError:  # run from its source
        version = "of no release"
    python = platform.python_version()
    click.echo(f"uvicorn-pod {version}, uvicorn {uvicorn.__version__}, Python {python}")
    context.exit()


OWN_OPTIONS = [
    click.Option(
        ["--version"],
        is_flag=True,
        is_eager=True,
        expose_value=False,
        callback=_print_versions,
        help="Print the versions and exit.",
    ),
    click.Option(
        ["--drain-seconds"],
        type=click.FloatRange(min=0),
        default=6,
        show_default=True,
        help="On SIGTERM, go on serving for this long while telling every client to reconnect.",
    ),
    click.Option(
        ["--lifespan-seconds"],
        type=click.FloatRange(min=0, min_open=True),
        default=10,
        show_default=True,
        help="Give up the app's lifespan shutdown after this long.",
    ),
    click.Option(
        ["--management-port"],
        type=click.IntRange(0, 65_535),
        default=9000,
        show_default=True,
        help="Serve /livez, /readyz, /startupz and /metrics here, on the same host; 0 for none.",
    ),
    click.Option(
        ["--liveness-seconds"],
        type=click.FloatRange(min=0, min_open=True),
        default=30,
        show_default=True,
        help="/livez answers 503 once the event loop has been stuck for this long.",
    ),
    click.Option(
        ["--readiness-seconds"],
        type=click.FloatRange(min=0, min_open=True),
        default=2,
        show_default=True,
        help="/readyz answers 503 if the app's own check takes longer than this.",
    ),
    click.Option(
        ["--gzip/--no-gzip"],
        default=False,
        show_default=True,
        help="Compress the answers of an app that does not do so itself; needs uvicorn-pod[gzip].",
    ),
    click.Option(
        ["--gzip-minimum-size"],
        type=click.IntRange(min=0),
        default=1024,
        show_default=True,
        envvar="GZIP_MINIMUM_SIZE",
        help="Leave answers of fewer bytes as they are.",
    ),
    click.Option(
        ["--gzip-compresslevel"],
        type=click.IntRange(1, 9),
        default=5,
        show_default=True,
        envvar="GZIP_COMPRESSLEVEL",
        help="5 takes half of the CPU of zlib's 5 for the same size; 3, the fast one, 40 %.",
    ),
    click.Option(
        ["--access-log-format"],
        type=click.Choice(["json", "text", "off"]),
        default="json",
        show_default=True,
        help="One line of JSON per request, uvicorn's own text, or none. "
        "Unless it is text, the server's and the app's logs are JSON too.",
    ),
    click.Option(
        ["--header-seconds"],
        type=click.FloatRange(min=0, min_open=True),
        default=Limits.header_seconds,
        show_default=True,
        help="Answer 408 if a request's head is not whole this long after it began.",
    ),
    click.Option(
        ["--max-header-bytes"],
        type=click.IntRange(min=1024),
        default=Limits.max_header_bytes,
        show_default=True,
        help="Answer 431 to a larger request line and header fields.",
    ),
    click.Option(
        ["--max-headers"],
        type=click.IntRange(min=1),
        default=Limits.max_headers,
        show_default=True,
        help="Answer 431 to more header fields.",
    ),
    click.Option(
        ["--max-body-bytes"],
        type=click.IntRange(min=0),
        default=0,
        show_default=True,
        help="Answer 413 to a larger body; 0 for no limit.",
    ),
]
NEW_DEFAULTS = {"loop": "uvloop", "http": "httptools", "timeout_graceful_shutdown": 20}


def uvicorn_parameters() -> list[click.Parameter]:
    """uvicorn's own, but for `--version` and for the two choices that a pod leaves no one."""
    parameters = [copy.copy(option) for option in uvicorn_command.params]
    for parameter in parameters:
        if parameter.name in NEW_DEFAULTS:
            parameter.default = NEW_DEFAULTS[parameter.name]
    return [parameter for parameter in parameters if parameter.name != "version"]


def take_own(settings: dict[str, Any]) -> SimpleNamespace:
    """Takes our options out of all of them: what is left is for uvicorn.Config."""
    names = [option.name for option in OWN_OPTIONS if option.expose_value]
    return SimpleNamespace(**{name: settings.pop(name) for name in names if name})
