"""The command line: uvicorn's own options and variables, and a few more."""

import asyncio
import contextlib
import functools
import gc
import logging
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import click
import uvicorn
from prometheus_client import REGISTRY

from uvicorn_pod import logs, management_server, otel, startup_checks
from uvicorn_pod.app_readiness import Readiness
from uvicorn_pod.head_limits import Limits
from uvicorn_pod.loop_heartbeat import Heartbeat
from uvicorn_pod.metrics import Metrics
from uvicorn_pod.options import OWN_OPTIONS, take_own, uvicorn_parameters
from uvicorn_pod.pod_middleware import App, PodMiddleware
from uvicorn_pod.probes import Health
from uvicorn_pod.server import PodServer

EXIT_SECONDS = 2.0
QUIETER_THAN_INFO = ("warning", "error", "critical")
NEVER = 1_000_000  # collections of a younger generation

logger = logging.getLogger("uvicorn.error")


def _run(app: str, app_dir: str, **settings: Any) -> None:
    """Runs MODULE:APP as one uvicorn process.

    Every option can be set by a variable: UVICORN_ and its name, as in UVICORN_DRAIN_SECONDS.
    """
    startup_checks.check_settings(settings)
    own = take_own(settings)
    gzip = _gzip(own.gzip_minimum_size, own.gzip_compresslevel) if own.gzip else None
    access_log = _set_up_logs(settings, own.access_log_format)
    metrics = Metrics(REGISTRY)
    settings["http"] = _protocol(own, metrics)
    heartbeat = Heartbeat(metrics.observe_lag)
    readiness = Readiness(heartbeat, own.readiness_seconds)
    health = Health(heartbeat, readiness, own.liveness_seconds)
    if own.management_port:
        management_server.start(settings["host"], own.management_port, health, metrics)
    sys.path.insert(0, app_dir)
    with _ending_on_sigterm(), _sparing_the_collector():
        config = _load(app, settings)

    if config.forwarded_allow_ips == "*":
        logger.warning(
            "--forwarded-allow-ips is '*': every client can forge its address and scheme; "
            "name the addresses or networks of the proxies instead."
        )

    def wrap(loaded: App, is_draining: Callable[[], bool]) -> PodMiddleware:
        inner = otel.instrument(loaded)
        inner = gzip(inner) if gzip else inner
        return PodMiddleware(
            inner, metrics, is_draining, access_log, max_body_bytes=own.max_body_bytes
        )

    server = PodServer(
        config,
        health,
        metrics,
        wrap,
        drain_seconds=own.drain_seconds,
        lifespan_seconds=own.lifespan_seconds,
        on_stopped=_end_process_soon,
    )
    with contextlib.suppress(KeyboardInterrupt):  # uvicorn raises Ctrl-C again when it is done
        try:
            server.run()
        except SystemExit:  # the startup failed; a thread of the app must not keep the process
            _end_process_soon()
            raise
    if settings["uds"]:
        Path(settings["uds"]).unlink(missing_ok=True)
    if not server.started:
        sys.exit(startup_checks.EXIT_CODE)


def _gzip(minimum_size: int, compresslevel: int) -> Callable[[App], App]:
    """Raises startup_checks.Refusal if Starlette is not there."""
    try:
        from uvicorn_pod.gzip import GZipMiddleware  # noqa: PLC0415 - an extra of this package
    except ImportError as error:
        raise startup_checks.Refusal(f"--gzip: {error}; install uvicorn-pod[gzip].") from None
    return functools.partial(GZipMiddleware, minimum_size=minimum_size, compresslevel=compresslevel)


def _protocol(own: SimpleNamespace, metrics: Metrics) -> type[asyncio.Protocol]:
    # Only now is it sure that httptools is there.
    from uvicorn_pod.limited_protocol import limited_protocol  # noqa: PLC0415

    limits = Limits(own.header_seconds, own.max_header_bytes, own.max_headers)
    return limited_protocol(limits, metrics.count_refusal)


def _set_up_logs(settings: dict[str, Any], access_log_format: str) -> logs.AccessLog | None:
    """Leaves uvicorn its own access log only if that is to be text."""
    if access_log_format == "text":
        return None
    is_wanted = (
        settings["access_log"]
        and access_log_format == "json"
        and settings["log_level"] not in QUIETER_THAN_INFO
        and sys.stdout is not None  # closed: the descriptor may be a file of the app's by now
    )
    settings["access_log"] = False
    if settings["log_config"] is None:
        settings["log_config"] = logs.CONFIG
        settings["use_colors"] = None
    return logs.AccessLog() if is_wanted else None


def _load(app: str, settings: dict[str, Any]) -> uvicorn.Config:
    """uvicorn's configuration, with the app imported.

    Raises Refusal if it cannot be imported, SystemExit with a line in the log if there is
    no such module or attribute; any other error of the app's own code is left as it is.
    """
    # As uvicorn's own command does: an option given several times, and one that may be absent.
    settings["headers"] = [tuple(header.split(":", 1)) for header in settings["headers"]]
    if settings["log_config"] is None:
        del settings["log_config"]
    try:
        config = uvicorn.Config(app, **settings)
        config.load_app()
    except ModuleNotFoundError as error:
        raise startup_checks.Refusal(
            f"{app} cannot be imported: {error}; install what it needs."
        ) from None
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


@contextlib.contextmanager
def _sparing_the_collector() -> Iterator[None]:
    """Lets the garbage collector look at what an import makes once, not again and again.

    Nearly all of that is there for good; the youngest generation, where an import's garbage is, is
    collected as ever. It saves a tenth of the CPU of a start, and each full collection afterwards
    what it took to look at all modules. An app that sets the collector up by itself while imported
    is left its way.
    """
    before = gc.get_threshold()
    sparing = (before[0], NEVER, NEVER)
    gc.set_threshold(*sparing)
    try:
        yield
    finally:
        if gc.get_threshold() == sparing:
            gc.set_threshold(*before)
        gc.freeze()


def _end_process_soon() -> None:
    """Ends the process after EXIT_SECONDS, whatever threads or tasks of the app still run.

    The SIGTERM that uvicorn raises again when it is done ends any process but PID 1.
    """
    watchdog = threading.Timer(EXIT_SECONDS, os._exit, [1])
    watchdog.daemon = True
    watchdog.start()
    otel.flush()


main = click.Command(
    "uvicorn-pod",
    params=[*uvicorn_parameters(), *OWN_OPTIONS],
    callback=_run,
    help=_run.__doc__,
    context_settings={"auto_envvar_prefix": "UVICORN"},
)
