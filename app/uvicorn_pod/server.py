"""uvicorn's server with a drain before its shutdown, and bounds on what may outlast it."""

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
from uvicorn_pod.probes import Health

CANCELLED_SECONDS = 1.0
TICKS_PER_SECOND = 10  # of uvicorn's main loop

logger = logging.getLogger("uvicorn.error")


class PodServer(Server):
    """Serves one app until a signal ends it; not to be used again."""

    def __init__(
        self,
        config: Config,
        health: Health,
        metrics: Metrics,
        wrap: Callable[[App, Callable[[], bool]], PodMiddleware],
        *,
        drain_seconds: float,
        lifespan_seconds: float,
        on_stopped: Callable[[], None],
    ) -> None:
        """`wrap` puts the layer around the app once that is loaded.

        `on_stopped` is called on the loop when nothing is left to do but to end the process.
        """
        super().__init__(config)
        self.is_draining = False
        self._health = health
        self._metrics = metrics
        self._wrap = wrap
        self._layer: PodMiddleware | None = None
        self._drain_seconds = drain_seconds
        self._lifespan_seconds = lifespan_seconds
        self._on_stopped = on_stopped

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Runs the app's lifespan startup, then opens the port.

        Raises Refusal if the running loop or parser is not the one that was asked for, and
        SystemExit, after one line in the log, if the startup fails or the address is in use.
        """
        loop = asyncio.get_running_loop()
        startup_checks.check_running(loop, self.config.http_protocol_class)
        self._health.heartbeat.start(loop)
        layer = self._wrap(self.config.loaded_app, lambda: self.is_draining)
        self.config.loaded_app = self._layer = layer
        self._metrics.watch(lambda: layer.in_flight, lambda: self.is_draining)
        await super().startup(sockets)
        if (check := self.lifespan.state.get(STATE_KEY)) is not None:
            self._health.readiness.watch(check, loop)
        # A process that was told to go while it started has never been ready: nobody sends to it.
        self._health.is_started = not self.should_exit

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Drains, then shuts down as uvicorn does: the listeners first, the lifespan last.

        Ctrl-C, which only a person sends, skips the drain.
        """
        # Kubernetes takes a pod that it ends out of the endpoints; it has to be told of other ends.
        self._health.is_stopped = not self._captured_signals
        if self._health.is_started and signal.SIGINT not in self._captured_signals:
            await self._drain()
        self._health.is_stopped = True
        if self._layer is not None:
            self._layer.stop()
        tasks = self.server_state.tasks
        self.lifespan = _BoundedLifespan(self.lifespan, self._lifespan_seconds, tasks)
        await super().shutdown(sockets)
        if self._layer is not None:
            self._layer.account()
        self._on_stopped()

    async def on_tick(self, counter: int) -> bool:
        """Ends what is overdue, once a second, beside what uvicorn does ten times."""
        if counter % TICKS_PER_SECOND == 0:
            cast("Any", self.config.http_protocol_class).end_overdue(self.server_state.connections)
        return await super().on_tick(counter)

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Starts to send clients away at once, not at uvicorn's next tick."""
        self.is_draining = True
        super().handle_exit(sig, frame)

    async def _drain(self) -> None:
        """Goes on serving for the drain time, while the layer closes each connection that speaks.

        Ends early at a second signal. Only a connection that stays idle throughout is still open
        afterwards; it is then closed between requests, as RFC 9112 §9.5 allows.
        """
        self.is_draining = self.should_exit = True
        logger.info("Draining for %g seconds.", self._drain_seconds)
        deadline = time.monotonic() + self._drain_seconds
        ticks = 0
        while (left_seconds := deadline - time.monotonic()) > 0 and len(self._captured_signals) < 2:
            await self.on_tick(ticks)  # keeps the Date header right
            await asyncio.sleep(min(1 / TICKS_PER_SECOND, left_seconds))
            ticks += 1


class _BoundedLifespan:
    """Ends a lifespan, or gives it up after a time."""

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
        """As uvicorn's, with one line in the log if the app takes too long.

        Requests that have been cancelled get a moment to clean up, before the lifespan takes away
        what they use.
        """
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=CANCELLED_SECONDS)
        task = asyncio.create_task(self._lifespan.shutdown())
        done, _ = await asyncio.wait([task], timeout=self._seconds)
        if not done:
            logger.error("Lifespan shutdown takes more than %g s: given up.", self._seconds)
