"""uvicorn's server, with a drain before its shutdown and time limits on what may outlast it."""

import asyncio
import logging
import signal
import socket
import time
from collections.abc import Callable
from types import FrameType
from typing import Any, cast

from uvicorn import Config, Server
from uvicorn.lifespan.off import LifespanOff
from uvicorn.lifespan.on import LifespanOn

from uvicorn_pod import startup_checks
from uvicorn_pod.app_readiness import STATE_KEY
from uvicorn_pod.metrics import Metrics
from uvicorn_pod.pod_middleware import App, PodMiddleware
from uvicorn_pod.probes import Probes

CANCELLED_SECONDS = 1.0
TICKS_PER_SECOND = 10  # of uvicorn's main loop

logger = logging.getLogger("uvicorn.error")


class PodServer(Server):
    """Serves one app until a signal ends it. An instance can run only once."""

    def __init__(
        self,
        config: Config,
        probes: Probes,
        metrics: Metrics,
        wrap: Callable[[App, Callable[[], bool]], PodMiddleware],
        *,
        drain_seconds: float,
        lifespan_seconds: float,
        on_stopped: Callable[[], None],
    ) -> None:
        """`wrap` puts the middleware around the loaded app; its second argument tells of a drain.

        The server calls `on_stopped`, on the loop, when the process has only to exit.
        """
        super().__init__(config)
        self.is_draining = False
        self._probes = probes
        self._metrics = metrics
        self._wrap = wrap
        self._middleware: PodMiddleware | None = None
        self._drain_seconds = drain_seconds
        self._lifespan_seconds = lifespan_seconds
        self._on_stopped = on_stopped

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Runs the app's lifespan startup, then opens the port.

        Raises StartupRefusal if the running loop or parser is not the configured one. Raises
        SystemExit, after one line in the log, if the startup fails or the address is in use.
        """
        loop = asyncio.get_running_loop()
        startup_checks.check_running(loop, self.config.http_protocol_class)
        self._probes.heartbeat.start(loop)
        middleware = self._wrap(self.config.loaded_app, lambda: self.is_draining)
        self.config.loaded_app = self._middleware = middleware
        self._metrics.watch(lambda: middleware.in_flight, lambda: self.is_draining)
        await super().startup(sockets)
        if (check := self.lifespan.state.get(STATE_KEY)) is not None:
            self._probes.readiness.watch(check, loop)
        # A signal during the startup means that the pod never becomes ready and gets no requests.
        self._probes.is_started = not self.should_exit

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Drains, then shuts down as uvicorn does: the listeners first, the lifespan last.

        Ctrl-C, which only a person sends, skips the drain.
        """
        # Kubernetes removes a pod that it terminates from the endpoints. If the server ends for
        # another reason, only a failing readiness probe tells Kubernetes.
        self._probes.is_stopped = not self._captured_signals
        if self._probes.is_started and signal.SIGINT not in self._captured_signals:
            await self._drain()
        self._probes.is_stopped = True
        if self._middleware is not None:
            self._middleware.stop()
        tasks = self.server_state.tasks
        self.lifespan = _LimitedLifespan(self.lifespan, self._lifespan_seconds, tasks)
        await super().shutdown(sockets)
        if self._middleware is not None:
            self._middleware.flush_records()
        self._on_stopped()

    async def on_tick(self, counter: int) -> bool:
        """Closes overdue connections once a second, in addition to uvicorn's work on each tick."""
        if counter % TICKS_PER_SECOND == 0:
            protocol = cast("Any", self.config.http_protocol_class)
            protocol.close_overdue(self.server_state.connections)
        return await super().on_tick(counter)

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Starts the drain at once, not at uvicorn's next tick."""
        self.is_draining = True
        super().handle_exit(sig, frame)

    async def _drain(self) -> None:
        """Keeps serving for the drain time, while the middleware closes each active connection.

        A second signal ends the drain. Only a connection that is idle for the whole drain is still
        open afterwards. uvicorn then closes it between requests, as RFC 9112 §9.5 allows.
        """
        self.is_draining = self.should_exit = True
        logger.info("Draining for %g seconds.", self._drain_seconds)
        deadline = time.monotonic() + self._drain_seconds
        ticks = 0
        while (left_seconds := deadline - time.monotonic()) > 0 and len(self._captured_signals) < 2:
            await self.on_tick(ticks)  # keeps the Date header right
            await asyncio.sleep(min(1 / TICKS_PER_SECOND, left_seconds))
            ticks += 1


class _LimitedLifespan:
    """Shuts a lifespan down, or gives up after `seconds`."""

    def __init__(
        self,
        lifespan: LifespanOn | LifespanOff,
        seconds: float,
        tasks: set[asyncio.Task[None]],
    ) -> None:
        self._lifespan = lifespan
        self._seconds = seconds
        self._tasks = tasks

    async def shutdown(self) -> None:
        """Runs the app's lifespan shutdown; logs one line if the app takes too long.

        Cancelled requests first get `CANCELLED_SECONDS` to clean up, before the lifespan closes
        what they use.
        """
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=CANCELLED_SECONDS)
        task = asyncio.create_task(self._lifespan.shutdown())
        done, _ = await asyncio.wait([task], timeout=self._seconds)
        if not done:
            logger.error(
                "Lifespan shutdown takes more than %g s; exiting without it.", self._seconds
            )
