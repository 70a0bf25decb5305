"""The command line: connects uvicorn's options and uvicorn-pod's own with the parts that run."""

import asyncio
import contextlib
import functools
import gc
import logging
import math
import random
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import click
import uvicorn
from prometheus_client import REGISTRY

from uvicorn_pod import (
    forwarded_headers,
    management_server,
    otel,
    process_exit,
    server_logs,
    startup_refusals,
)
from uvicorn_pod.access_log import AccessLog
from uvicorn_pod.accounting import Accounting
from uvicorn_pod.app_readiness import AppReadiness
from uvicorn_pod.asgi import App
from uvicorn_pod.blocking_line import BlockingLine
from uvicorn_pod.container_memory import ContainerMemory
from uvicorn_pod.deadlines import Deadlines
from uvicorn_pod.loop_heartbeat import Heartbeat
from uvicorn_pod.metrics import Metrics
from uvicorn_pod.options import OWN_OPTIONS, take_own, uvicorn_parameters
from uvicorn_pod.overload import Overload
from uvicorn_pod.probes import Probes
from uvicorn_pod.retirement import Retirement
from uvicorn_pod.server import PodServer, Times
from uvicorn_pod.thread_pool import ThreadPool
from uvicorn_pod.websocket_app import WebSocketApp

EXIT_SECONDS = 2.0
QUIETER_THAN_INFO = ("warning", "error", "critical")
NEVER = 1_000_000  # a threshold of the garbage collector that no import reaches

logger = logging.getLogger("uvicorn.error")


def _run(app: str, app_dir: str, **settings: Any) -> None:
    """Run MODULE:APP as one uvicorn process.

    Every option can also be set by a variable: UVICORN_ and the option's name, for example
    UVICORN_DRAIN_SECONDS.
    """
    startup_refusals.check_settings(settings)
    own = take_own(settings)
    gzip = _gzip(own) if own.gzip else None
    most_requests = _take_most_requests(settings)
    access_log = _set_up_logs(settings, own.access_log_format)
    metrics = Metrics(REGISTRY)
    thread_pool = ThreadPool(own.thread_tokens, REGISTRY)

    def on_beat(lag_seconds: float) -> None:
        metrics.observe_lag(lag_seconds)
        thread_pool.on_beat()
        if blocking_line is not None:
            blocking_line.watch()

    heartbeat = Heartbeat(on_beat)
    accounting = Accounting(
        metrics,
        access_log,
        max_body_bytes=own.max_body_bytes,
        overload=_overload(own.max_wait_seconds, heartbeat),
        deadlines=_deadlines(own.request_seconds, own.body_seconds),
    )
    settings["http"] = _protocol(own, accounting)
    readiness = AppReadiness(heartbeat, own.readiness_seconds)
    probes = Probes(heartbeat, readiness, own.liveness_seconds)
    blocking_line = _blocking_line(own.blocked_seconds, probes, app)
    if own.management_port:
        management_server.start(settings["host"], own.management_port, probes, metrics)
    sys.path.insert(0, app_dir)
    with _collecting_only_young_garbage():
        config = _load(app, settings)

    if config.forwarded_allow_ips == "*":
        logger.warning(
            "--forwarded-allow-ips is '*': every client can forge its address and scheme; "
            "name the addresses or networks of the proxies instead."
        )

    retirement = Retirement(
        probes, own.retire_seconds, REGISTRY, most_requests, *_memory(own.retire_memory_percent)
    )

    def wrap(loaded: App) -> App:
        # OpenTelemetry's middleware would take an app that is no coroutine function for ASGI 2.
        inner = forwarded_headers.only_where_present(otel.instrument(loaded))
        return WebSocketApp(gzip(inner) if gzip else inner, accounting)

    server = PodServer(
        config,
        probes,
        accounting,
        retirement,
        wrap,
        times=Times(own.drain_seconds, own.startup_seconds, own.lifespan_seconds),
        on_stopped=_end_soon,
    )
    with contextlib.suppress(KeyboardInterrupt):  # uvicorn raises Ctrl-C again after its shutdown
        server.run()
    if settings["uds"]:
        Path(settings["uds"]).unlink(missing_ok=True)
    if not server.started:
        sys.exit(startup_refusals.EXIT_CODE)


def _gzip(own: SimpleNamespace) -> Callable[[App], App]:
    """Returns a function that wraps an app with GZipMiddleware."""
    from uvicorn_pod.gzip import GZipMiddleware  # noqa: PLC0415 - only where gzip is on

    return functools.partial(
        GZipMiddleware,
        minimum_size=own.gzip_minimum_size,
        compresslevel=own.gzip_compresslevel,
        zstd=own.zstd is not False,
    )


def _blocking_line(seconds: float, probes: Probes, app: str) -> BlockingLine | None:
    return BlockingLine(probes, seconds, app, REGISTRY) if seconds else None


def _overload(max_wait_seconds: float, heartbeat: Heartbeat) -> Overload | None:
    return Overload(max_wait_seconds, heartbeat, REGISTRY) if max_wait_seconds else None


def _deadlines(request_seconds: float, body_seconds: float) -> Deadlines | None:
    return Deadlines(request_seconds, body_seconds) if request_seconds or body_seconds else None


def _take_most_requests(settings: dict[str, Any]) -> float:
    """Takes --limit-max-requests from uvicorn, which would end without a drain's preparation."""
    limit, jitter = settings["limit_max_requests"], settings["limit_max_requests_jitter"]
    settings["limit_max_requests"] = None
    return math.inf if limit is None else limit + random.randint(0, jitter)  # noqa: S311


def _memory(percent: float) -> tuple[ContainerMemory | None, float]:
    memory = ContainerMemory.find() if percent else None
    if percent and memory is None:
        logger.warning(
            "--retire-memory-percent has no effect: this container has no memory limit that the "
            "process can see."
        )
    return memory, percent


def _protocol(own: SimpleNamespace, accounting: Accounting) -> type[asyncio.Protocol]:
    # Imported only here, after check_settings, because it fails without httptools.
    from uvicorn_pod.head_limits import HeadLimits, limited_protocol  # noqa: PLC0415

    limits = HeadLimits(own.header_seconds, own.max_header_bytes, own.max_headers)
    return limited_protocol(limits, accounting, own.max_connection_seconds or math.inf)


def _set_up_logs(settings: dict[str, Any], access_log_format: str) -> AccessLog | None:
    """Chooses the logs, in `settings` for uvicorn, and returns the JSON access log if wanted.

    uvicorn's own access log stays on only if the format is `text`.
    """
    if access_log_format == "text":
        return None
    logger.addFilter(server_logs.is_not_about_websocket)
    is_wanted = (
        settings["access_log"]
        and access_log_format == "json"
        and settings["log_level"] not in QUIETER_THAN_INFO
        and sys.stdout is not None  # None: stdout was closed, and its descriptor may be reused
    )
    settings["access_log"] = False
    if settings["log_config"] is None:
        settings["log_config"] = server_logs.CONFIG
        settings["use_colors"] = None
    return AccessLog() if is_wanted else None


def _load(app: str, settings: dict[str, Any]) -> uvicorn.Config:
    """Imports the app and returns uvicorn's configuration.

    Raises StartupRefusal if the app's imports fail, and SystemExit, after one line in the log, if
    there is no such module or attribute. Other errors of the app's code are raised unchanged.
    """
    # As uvicorn's own command does: --header may repeat, --log-config may be absent.
    settings["headers"] = [tuple(header.split(":", 1)) for header in settings["headers"]]
    if settings["log_config"] is None:
        del settings["log_config"]
    try:
        config = uvicorn.Config(app, **settings)
        config.load_app()
    except ModuleNotFoundError as error:
        raise startup_refusals.StartupRefusal(
            f"{app} cannot be imported: {error}; install what it needs."
        ) from None
    return config


@contextlib.contextmanager
def _collecting_only_young_garbage() -> Iterator[None]:
    """Keeps the garbage collector from examining the same imported objects again and again.

    Nearly all of them live as long as the process. Only the youngest generation, which holds the
    garbage of an import, is collected as usual. This saves a tenth of the CPU of a start; and
    because the objects are then frozen, later full collections skip them. If the app sets the
    thresholds while it is imported, they stay.
    """
    before = gc.get_threshold()
    during = (before[0], NEVER, NEVER)
    gc.set_threshold(*during)
    try:
        yield
    finally:
        if gc.get_threshold() == during:
            gc.set_threshold(*before)
        gc.freeze()


def _end_soon() -> None:
    """Ends the process after EXIT_SECONDS, even if threads or tasks of the app still run.

    uvicorn raises SIGTERM again after its shutdown, but that does not end PID 1. Also sends the
    remaining spans.
    """
    process_exit.sigterm_handler.is_served = True
    process_exit.end_within(EXIT_SECONDS, 1)
    otel.flush()


main = click.Command(
    "uvicorn-pod",
    params=[*uvicorn_parameters(), *OWN_OPTIONS],
    callback=_run,
    help=_run.__doc__,
    context_settings={"auto_envvar_prefix": "UVICORN"},
)
