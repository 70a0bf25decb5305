"""The options of the command line: uvicorn-pod's own, declared once here, and uvicorn's."""

import copy
import importlib.metadata
import platform
from types import SimpleNamespace
from typing import Any

import click
import uvicorn
from uvicorn.main import main as uvicorn_command


def _print_versions(context: click.Context, _option: click.Parameter, wanted: bool) -> None:
    if not wanted or context.resilient_parsing:
        return
    try:
        version = importlib.metadata.version("uvicorn-pod")
    except importlib.metadata.PackageNotFoundError:  # it runs from its source
        version = "(not installed)"
    python = platform.python_version()
    click.echo(f"uvicorn-pod {version}, uvicorn {uvicorn.__version__}, Python {python}")
    context.exit()


def _option(flags: str, kind: click.ParamType[Any], default: object, text: str) -> click.Option:
    # The gzip settings have a second, older variable. The one with UVICORN_ takes precedence.
    older = flags[2:].replace("-", "_").upper()
    variables = [f"UVICORN_{older}", older] if flags.startswith("--gzip-") else None
    return click.Option(
        [flags], type=kind, default=default, show_default=True, envvar=variables, help=text
    )


_NOT_NEGATIVE = click.FloatRange(min=0)
_POSITIVE = click.FloatRange(min=0, min_open=True)

# fmt: off
OWN_OPTIONS = [
    click.Option(["--version"], is_flag=True, is_eager=True, expose_value=False,
        callback=_print_versions, help="Print the versions and exit."),
    _option("--drain-seconds", _NOT_NEGATIVE, 6,
        "After SIGTERM, keep serving for this many seconds and tell every client to reconnect."),
    _option("--startup-seconds", _NOT_NEGATIVE, 0,
        "Exit with code 1 if the app's lifespan startup takes more than this many seconds; "
        "0 means no limit."),
    _option("--lifespan-seconds", _POSITIVE, 10,
        "Exit without waiting for the app's lifespan shutdown after this many seconds."),
    _option("--retire-memory-percent", click.FloatRange(0, 100), 0,
        "Exit with code 0, after a drain, above this part of the container's memory limit; "
        "0 means never."),
    _option("--retire-seconds", _NOT_NEGATIVE, 17,
        "Before an exit that Kubernetes does not know of, answer 503 to /readyz and serve for this "
        "many seconds, so that the pod is removed from the endpoints."),
    _option("--management-port", click.IntRange(0, 65_535), 9000,
        "Serve /livez, /readyz, /startupz and /metrics on this port of --host; 0 for none."),
    _option("--liveness-seconds", _POSITIVE, 30,
        "Answer 503 to /livez once the event loop has been stuck for this many seconds."),
    _option("--blocked-seconds", _NOT_NEGATIVE, 0.5,
        "Log the line of code that blocks the event loop for this many seconds; 0 for never."),
    _option("--thread-tokens", click.IntRange(min=0), 0,
        "Let this many threads run the app's synchronous code; 0 for anyio's default, 40."),
    _option("--readiness-seconds", _POSITIVE, 2,
        "Answer 503 to /readyz if the app's own check takes more than this many seconds."),
    _option("--gzip/--no-gzip", click.BOOL, False,
        "Compress the answers of an app that does not do so itself. "
        "The extra uvicorn-pod[gzip] halves its CPU."),
    _option("--zstd/--no-zstd", click.BOOL, None,
        "With --gzip, send zstd to clients that accept it, unless they prefer gzip. On by default, "
        "and refused without --gzip. Needs the extra uvicorn-pod[zstd], except on Python 3.14."),
    _option("--gzip-minimum-size", click.IntRange(min=0), 1024,
        "Do not compress answers of fewer bytes."),
    _option("--gzip-compresslevel", click.IntRange(1, 9), 5,
        "Level of gzip. 5 takes half of the CPU of zlib's 5, for slightly fewer bytes. "
        "3 takes about a third, for up to 9 % more."),
    _option("--access-log-format", click.Choice(["json", "text", "off"]), "json",
        "Log each request as one line of JSON, as uvicorn's text, or not at all. "
        "Except with text, the server's and the app's logs are JSON too."),
    _option("--max-wait-seconds", _NOT_NEGATIVE, 10,
        "Answer 503 at once to a request that has waited longer, in the kernel or in the process; "
        "0 means no limit."),
    _option("--max-connection-seconds", _NOT_NEGATIVE, 10,
        "Close a kept connection after the first answer that begins later, give or take a quarter, "
        "so that new pods get their share; 0 means no limit."),
    _option("--request-seconds", _NOT_NEGATIVE, 0,
        "Answer 503 and cancel the app if its answer has not begun after this many seconds; "
        "0 means no limit."),
    _option("--body-seconds", _NOT_NEGATIVE, 0,
        "Answer 408 if a request's body is not complete this many seconds after its head; "
        "0 means no limit."),
    _option("--header-seconds", _POSITIVE, 10,
        "Answer 408 if a request's head is not complete this many seconds after its first byte."),
    _option("--max-header-bytes", click.IntRange(min=1024), 65_536,
        "Answer 431 if the request line and the header fields have more bytes."),
    _option("--max-headers", click.IntRange(min=1), 100,
        "Answer 431 to a request with more header fields."),
    _option("--max-body-bytes", click.IntRange(min=0), 0,
        "Answer 413 to a request with a larger body; 0 means no limit."),
]
# fmt: on
NEW_DEFAULTS = {"loop": "uvloop", "http": "httptools", "timeout_graceful_shutdown": 20}


def uvicorn_parameters() -> list[click.Parameter]:
    """uvicorn's parameters without `--version`, with the defaults of NEW_DEFAULTS."""
    parameters = [copy.copy(option) for option in uvicorn_command.params]
    for parameter in parameters:
        if parameter.name in NEW_DEFAULTS:
            parameter.default = NEW_DEFAULTS[parameter.name]
    return [parameter for parameter in parameters if parameter.name != "version"]


def take_own(settings: dict[str, Any]) -> SimpleNamespace:
    """Removes uvicorn-pod's own options from `settings`, which then suit uvicorn.Config.

    Returns the removed options as attributes.
    """
    names = [option.name for option in OWN_OPTIONS if option.expose_value]
    return SimpleNamespace(**{name: settings.pop(name) for name in names if name})
