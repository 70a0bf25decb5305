"""The command line: uvicorn's own options and variables, and a few more."""

import contextlib
import copy
import importlib.metadata
import os
import platform
import signal
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click
import uvicorn
from prometheus_client import REGISTRY
from uvicorn.main import main as uvicorn_command

from uvicorn_pod import guard, management
from uvicorn_pod.health import Health
from uvicorn_pod.heartbeat import Heartbeat
from uvicorn_pod.metrics import Metrics
from uvicorn_pod.server import PodServer

EXIT_SECONDS = 2.0


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
]
NEW_DEFAULTS = {"loop": "uvloop", "http": "httptools"}


def _uvicorn_parameters() -> list[click.Parameter]:
    """uvicorn's own, but for `--version` and for the two choices that a pod leaves no one."""
    parameters = [copy.copy(option) for option in uvicorn_command.params]
    for parameter in parameters:
        if parameter.name in NEW_DEFAULTS:
            parameter.default = NEW_DEFAULTS[parameter.name]
    return [parameter for parameter in parameters if parameter.name != "version"]


def _run(
    app: str,
    app_dir: str,
    *,
    drain_seconds: float,
    lifespan_seconds: float,
    management_port: int,
    liveness_seconds: float,
    **settings: Any,
) -> None:
    """Runs MODULE:APP as one uvicorn process.

    Every option can be set by a variable: UVICORN_ and its name, as in UVICORN_DRAIN_SECONDS.
    """
    guard.check_settings({**settings, "management_port": management_port})
    metrics = Metrics(REGISTRY)
    health = Health(Heartbeat(metrics.observe_lag), liveness_seconds)
    if management_port:
        management.start(settings["host"], management_port, health, metrics)
    sys.path.insert(0, app_dir)
    with _ending_on_sigterm():
        config = _load(app, settings)
    server = PodServer(
        config,
        health,
        metrics,
        drain_seconds=drain_seconds,
        lifespan_seconds=lifespan_seconds,
        on_stopped=_end_process_soon,
    )
    with contextlib.suppress(KeyboardInterrupt):  # uvicorn raises Ctrl-C again when it is done
        server.run()
    if settings["uds"]:
        Path(settings["uds"]).unlink(missing_ok=True)
    if not server.started:
        sys.exit(guard.EXIT_CODE)


def _load(app: str, settings: dict[str, Any]) -> uvicorn.Config:
    """uvicorn's configuration, with the app imported.

    Raises guard.Refusal if it cannot be imported, SystemExit with a line in the log if there is
    no such module or attribute; any other error of the app's own code is left as it is.
    """
    # As uvicorn's own command does: an option given several times, and one that may be absent.
    settings["headers"] = [tuple(header.split(":", 1)) for header in settings["headers"]]
    if settings["log_config"] is None:
        del settings["log_config"]
    try:
        config = uvicorn.Config(app, **settings)
        config.load_app()
    except ImportError as error:
        raise guard.Refusal(f"{app} cannot be imported: {error}; install what it needs.") from None
    return config


@contextlib.contextmanager
def _ending_on_sigterm() -> Iterator[None]:
    """Ends the process at SIGTERM while the app is imported, before uvicorn handles signals.

    As PID 1 it would not end otherwise but miss the signal: the kernel takes no default action on
    the init of a namespace, see pid_namespaces(7).
    """
    previous = signal.signal(signal.SIGTERM, lambda number, _frame: sys.exit(128 + number))
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, previous)


def _end_process_soon() -> None:
    """Ends the process after EXIT_SECONDS, whatever threads or tasks of the app still run.

    The SIGTERM that uvicorn raises again when it is done ends any process but PID 1.
    """
    watchdog = threading.Timer(EXIT_SECONDS, os._exit, [1])
    watchdog.daemon = True
    watchdog.start()


main = click.Command(
    "uvicorn-pod",
    params=[*_uvicorn_parameters(), *OWN_OPTIONS],
    callback=_run,
    help=_run.__doc__,
    context_settings={"auto_envvar_prefix": "UVICORN"},
)
