"""The app's lifespan, with limits on the time of its startup and of its shutdown."""

import asyncio
import logging
import signal
import threading
from typing import Any

from uvicorn.lifespan.off import LifespanOff
from uvicorn.lifespan.on import LifespanOn

from uvicorn_pod import process_exit

CANCELLED_SECONDS = 1.0

logger = logging.getLogger("uvicorn.error")


class LimitedLifespan:
    """Replaces uvicorn's lifespan in its server, and has every member that the server uses."""

    def __init__(
        self,
        lifespan: LifespanOn | LifespanOff,
        startup_seconds: float,
        shutdown_seconds: float,
        tasks: set[asyncio.Task[None]],
    ) -> None:
        """`startup_seconds=0` sets no limit; `tasks` are those of the requests."""
        self._lifespan = lifespan
        self._startup_seconds = startup_seconds
        self._shutdown_seconds = shutdown_seconds
        self._tasks = tasks
        self._loop = asyncio.get_running_loop()
        self._is_given_up = asyncio.Event()
        self._exit_code: int | None = None
        # A signal handler may interrupt the thread that holds the lock.
        self._lock = threading.RLock()
        self.is_starting = False

    @property
    def state(self) -> dict[str, Any]:
        """What the app has put into its lifespan state."""
        return self._lifespan.state

    @property
    def should_exit(self) -> bool:
        """Whether the app has failed to start."""
        return self._lifespan.should_exit

    async def startup(self) -> None:
        """Runs the app's lifespan startup.

        Raises SystemExit if a signal interrupts it (code 128 plus the signal's number) or, after
        one line in the log, if it takes too long (code 1).
        """
        self.is_starting = True
        timer = threading.Timer(self._startup_seconds, self._give_up_late)
        timer.daemon = True
        if self._startup_seconds:
            timer.start()  # a thread, because the startup may block the loop
        starting = asyncio.create_task(self._lifespan.startup())
        giving_up = asyncio.create_task(self._is_given_up.wait())
        await asyncio.wait([starting, giving_up], return_when=asyncio.FIRST_COMPLETED)
        giving_up.cancel()
        timer.cancel()
        with self._lock:
            self.is_starting = False
            exit_code = self._exit_code
        if exit_code is not None:
            if timer.is_alive():
                timer.join(process_exit.EXIT_SECONDS)  # it logs the reason
            if exit_code > 128:
                name = signal.Signals(exit_code - 128).name
                logger.info("%s interrupted the app's lifespan startup; exiting.", name)
            raise SystemExit(exit_code)
        await starting

    def interrupt(self, number: int) -> None:
        """Gives up the startup because of a signal; a signal handler may call it."""
        self._give_up(128 + number)

    async def shutdown(self) -> None:
        """Runs the app's lifespan shutdown; logs one line if the app takes too long.

        Cancelled requests first get `CANCELLED_SECONDS` to clean up, before the lifespan closes
        what they use.
        """
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=CANCELLED_SECONDS)
        task = asyncio.create_task(self._lifespan.shutdown())
        done, _ = await asyncio.wait([task], timeout=self._shutdown_seconds)
        if not done:
            logger.error(
                "Lifespan shutdown takes more than %g s; exiting without it.",
                self._shutdown_seconds,
            )

    def _give_up_late(self) -> None:
        if self._give_up(1):
            logger.error(
                "The app's lifespan startup takes more than %g s (--startup-seconds); exiting.",
                self._startup_seconds,
            )

    def _give_up(self, exit_code: int) -> bool:
        """Makes `startup` raise SystemExit; the process ends even if the app blocks the loop."""
        with self._lock:
            if not self.is_starting or self._exit_code is not None:
                return False
            self._exit_code = exit_code
        process_exit.end_within(process_exit.EXIT_SECONDS, exit_code)
        self._loop.call_soon_threadsafe(self._is_given_up.set)
        return True
