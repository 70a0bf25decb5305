"""The options of the command line: uvicorn's own and a few more. Each is declared once, here."""

import copy
import importlib.metadata
import platform
from types import SimpleNamespace
from typing import Any

import click
import uvicorn
from uvicorn.main import main as uvicorn_command

from uvicorn_pod.head_limits import Limits


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


def _option(flags: str, kind: click.ParamType[Any], default: object, text: str) -> click.Option:
    # An app that compresses by itself reads the same two variables.
    variable = flags[2:].replace("-", "_").upper() if flags.startswith("--gzip-") else None
    return click.Option(
        [flags], type=kind, default=default, show_default=True, envvar=variable, help=text
    )


_NOT_NEGATIVE = click.FloatRange(min=0)
_POSITIVE = click.FloatRange(min=0, min_open=True)

# fmt: off
OWN_OPTIONS = [
    click.Option(["--version"], is_flag=True, is_eager=True, expose_value=False,
        callback=_print_versions, help="Print the versions and exit."),
    _option("--drain-seconds", _NOT_NEGATIVE, 6,
        "On SIGTERM, go on serving for this long while telling every client to reconnect."),
    _option("--lifespan-seconds", _POSITIVE, 10,
        "Give up the app's lifespan shutdown after this long."),
    _option("--management-port", click.IntRange(0, 65_535), 9000,
        "Serve /livez, /readyz, /startupz and /metrics here, on the same host; 0 for none."),
    _option("--liveness-seconds", _POSITIVE, 30,
        "/livez answers 503 once the event loop has been stuck for this long."),
    _option("--readiness-seconds", _POSITIVE, 2,
        "/readyz answers 503 if the app's own check takes longer than this."),
    _option("--gzip/--no-gzip", click.BOOL, False,
        "Compress the answers of an app that does not do so itself; needs uvicorn-pod[gzip]."),
    _option("--gzip-minimum-size", click.IntRange(min=0), 1024,
        "Leave answers of fewer bytes as they are."),
    _option("--gzip-compresslevel", click.IntRange(1, 9), 5,
        "5 takes half of the CPU of zlib's 5 for the same size; 3, the fast one, 40 %."),
    _option("--access-log-format", click.Choice(["json", "text", "off"]), "json",
        "One line of JSON per request, uvicorn's own text, or none. "
        "Unless it is text, the server's and the app's logs are JSON too."),
    _option("--header-seconds", _POSITIVE, Limits.header_seconds,
        "Answer 408 if a request's head is not whole this long after it began."),
    _option("--max-header-bytes", click.IntRange(min=1024), Limits.max_header_bytes,
        "Answer 431 to a larger request line and header fields."),
    _option("--max-headers", click.IntRange(min=1), Limits.max_headers,
        "Answer 431 to more header fields."),
    _option("--max-body-bytes", click.IntRange(min=0), 0,
        "Answer 413 to a larger body; 0 for no limit."),
]
# fmt: on
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
