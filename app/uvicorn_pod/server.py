"""uvicorn's server, with a drain before its shutdown and time limits on what may outlast it."""

import asyncio
import logging
import signal
import socket
import time
from collections.abc import Callable
from dataclasses import dataclass
from types import FrameType
from typing import Any, cast

from uvicorn import Config, Server

from uvicorn_pod import process_exit, server_logs, startup_refusals
from uvicorn_pod.accept_queue import AcceptQueue
from uvicorn_pod.accounting import Accounting
from uvicorn_pod.app_readiness import STATE_KEY
from uvicorn_pod.asgi import App
from uvicorn_pod.limited_lifespan import LimitedLifespan
from uvicorn_pod.probes import Probes
from uvicorn_pod.retirement import Retirement
from uvicorn_pod.websocket_drain import WebSocketDrain

TICKS_PER_SECOND = 10  # of uvicorn's main loop

logger = logging.getLogger("uvicorn.error")


@dataclass(frozen=True)
class Times:
    """Limits in seconds; 0 means no limit for the startup."""

    drain_seconds: float
    startup_seconds: float
    lifespan_seconds: float


class PodServer(Server):
    """Serves one app until a signal ends it. An instance can run only once."""

    def __init__(
        self,
        config: Config,
        probes: Probes,
        accounting: Accounting,
        retirement: Retirement,
        wrap: Callable[[App], App],
        *,
        times: Times,
        on_stopped: Callable[[], None],
    ) -> None:
        """`wrap` puts middleware around the loaded app.

        The server calls `on_stopped`, on the loop, when the process has only to exit.
        """
        super().__init__(config)
        self._probes = probes
        self._accounting = accounting
        self._retirement = retirement
        self._wrap = wrap
        self._times = times
        self._on_stopped = on_stopped
        self._signals: list[int] = []
        self._limited_lifespan: LimitedLifespan | None = None
        self._accept_queue: AcceptQueue | None = None

    async def serve(self, sockets: list[socket.socket] | None = None) -> None:
        """Runs the app's factory, its lifespan and the server until a signal ends it.

        Reports an error, and raises SystemExit with the exit code.
        """
        try:
            await super().serve(sockets)
        except (Exception, SystemExit) as error:  # noqa: BLE001 - it is reported
            # Here, because asyncio waits for the app's tasks and threads before it passes it on.
            raise process_exit.ending(error) from None

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Runs the app's lifespan startup, then opens the port.

        Raises StartupRefusal if the running loop or parser is not the configured one, or if the
        socket of --uds or --fd cannot be opened. Raises SystemExit, after one line in the log, if
        the startup fails or takes too long, or if the address is in use.
        """
        loop = asyncio.get_running_loop()
        startup_refusals.check_running(loop, self.config.http_protocol_class)
        self._probes.heartbeat.start(loop)
        connections = self.server_state.connections
        self._accounting.metrics.watch_connections(lambda: len(connections))
        self.config.loaded_app = self._wrap(self.config.loaded_app)
        self.lifespan = self._limited_lifespan = LimitedLifespan(
            self.lifespan,
            self._times.startup_seconds,
            self._times.lifespan_seconds,
            self.server_state.tasks,
        )
        try:
            await super().startup(sockets)
        except OSError as error:  # uvicorn reports those of --host and --port itself
            await self.lifespan.shutdown()
            raise startup_refusals.socket_refusal(self.config, error) from None
        self._open_accept_queue()
        if self.config.log_config is server_logs.CONFIG:
            server_logs.warn_if_replaced()
        if (check := self.lifespan.state.get(STATE_KEY)) is not None:
            self._probes.readiness.watch(check, loop)
        # A signal during the startup means that the pod never becomes ready and gets no requests.
        self._probes.is_started = not self._accounting.is_draining

    def _open_accept_queue(self) -> None:
        protocol = cast("Any", self.config.http_protocol_class)

        def new_protocol() -> asyncio.Protocol:
            state = self.lifespan.state
            return cast("asyncio.Protocol", protocol(self.config, self.server_state, state))

        listeners = [each.fileno() for server in self.servers for each in server.sockets]
        self._accept_queue = AcceptQueue(listeners, new_protocol, self.config.ssl)
        protocol.accept_queue = self._accept_queue
        self._accounting.watch_waiting(self._accept_queue.length)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Drains, then shuts down as uvicorn does: the listeners first, the lifespan last.

        Ctrl-C, which only a person sends, skips the drain.
        """
        # Kubernetes removes a pod that it terminates from the endpoints. If the server ends for
        # another reason, only a failing readiness probe tells Kubernetes.
        self._probes.is_stopped = not self._signals
        if self._probes.is_started and signal.SIGINT not in self._signals:
            await self._drain()
        self._probes.is_stopped = True
        self._accounting.stop()
        if self._accept_queue is not None:
            await self._accept_queue.close()
        await super().shutdown(sockets)
        self._accounting.flush_records()
        for number in self._signals:  # uvicorn raises them again
            super().handle_exit(number, None)
        self._on_stopped()

    async def on_tick(self, counter: int) -> bool:
        """Once a second, closes overdue connections, and retires where that is due.

        In addition to uvicorn's work on each tick.
        """
        if counter % TICKS_PER_SECOND == 0:
            protocol = cast("Any", self.config.http_protocol_class)
            protocol.close_overdue(self.server_state.connections)
            self._accounting.end_overdue()
            self._accounting.sample_demand()
            self._retirement.check(self.server_state.total_requests)
        is_ending = self._accounting.is_draining or self._retirement.is_due
        return await super().on_tick(counter) or is_ending

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:  # noqa: ARG002
        """Starts the drain; before the app has started, only exits.

        Does not set `should_exit` and does not call uvicorn's method yet: sse-starlette watches
        both, and would end its streams before the drain, without their last chunk.
        """
        self._signals.append(sig)
        if self._limited_lifespan is None:  # the app's factory runs
            process_exit.exit_on_signal(sig)
        self._limited_lifespan.interrupt(sig)  # only does something while it starts
        if self._accounting.is_draining and sig == signal.SIGINT:
            self.force_exit = True
        self._accounting.is_draining = True

    async def _drain(self) -> None:
        """Keeps serving for the drain time, while the middleware closes each active connection.

        A second signal ends the drain. Only a connection that is idle for the whole drain is still
        open afterwards. uvicorn then closes it between requests, as RFC 9112 §9.5 allows.
        """
        self._accounting.is_draining = True
        logger.info("Draining for %g seconds.", self._times.drain_seconds)
        deadline = time.monotonic() + self._times.drain_seconds
        ticks = 0
        protocol = cast("type", self.config.http_protocol_class)
        websockets = WebSocketDrain(self._times.drain_seconds, protocol)
        while (left_seconds := deadline - time.monotonic()) > 0 and len(self._signals) < 2:
            await self.on_tick(ticks)  # keeps the Date header right
            connections = [*self.server_state.connections]
            websockets.close_some(connections, left_seconds, 1 / TICKS_PER_SECOND)
            await asyncio.sleep(min(1 / TICKS_PER_SECOND, left_seconds))
            ticks += 1
