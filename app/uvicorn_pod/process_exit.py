"""Ends the process, soon and with the right code, even if threads or tasks of the app still run.

`__main__.py` imports this module before all others, so it may import only what loads quickly.
"""

import _thread
import os
import signal
import sys
import time
from types import FrameType
from typing import NoReturn

EXIT_SECONDS = 1.2
FLUSH_SECONDS = 0.1


class SigtermHandler:
    """Ends the process at SIGTERM, except while uvicorn handles the signal.

    Without a handler, PID 1 would ignore the signal: the kernel takes no default action on the
    init process of a namespace, see pid_namespaces(7).
    """

    # uvicorn raises the signal again after its shutdown. The process then ends as it would without
    # a handler: by the signal, or, as PID 1, by returning from `main`.
    is_served = False

    def install(self) -> None:
        """Handles SIGTERM from now on. uvicorn restores this handler after its shutdown."""
        signal.signal(signal.SIGTERM, self)

    def __call__(self, number: int, _frame: FrameType | None) -> None:
        if self.is_served:
            signal.signal(number, signal.SIG_DFL)
            signal.raise_signal(number)
        else:
            exit_on_signal(number)


sigterm_handler = SigtermHandler()
_is_ending = _thread.allocate_lock()


def exit_on_signal(number: int) -> NoReturn:
    """Raises SystemExit. If the app catches it, the process still ends after EXIT_SECONDS."""
    end_within(EXIT_SECONDS, 128 + number)
    raise SystemExit(128 + number)


def ending(error: BaseException) -> SystemExit:
    """Reports an error that ends the process, and returns the exception to raise.

    The process ends after EXIT_SECONDS at the latest. Reports the error at once, because threads
    or tasks of the app may not let the interpreter come to it.
    """
    code = _code_of(error)
    end_within(EXIT_SECONDS, code)
    _report(error)
    _flush()
    return SystemExit(code)


def end_within(seconds: float, code: int) -> None:
    """Ends the process with `code` after `seconds`; only the first call has an effect."""
    # Not threading.Thread: a signal handler must not wait for a lock of `threading`.
    if _is_ending.acquire(blocking=False):
        _thread.start_new_thread(_end_later, (seconds, code))


def _end_later(seconds: float, code: int) -> None:
    time.sleep(seconds)
    try:
        _thread.start_new_thread(_flush_all, ())  # in a thread: a full pipe would block it
        time.sleep(FLUSH_SECONDS)
    except RuntimeError:  # the interpreter is finalizing, and has flushed
        pass
    os._exit(code)


def _code_of(error: BaseException) -> int:
    """The exit code, as Python or click would choose it."""
    if isinstance(error, SystemExit):
        code = 0 if error.code is None else error.code
        return code if isinstance(code, int) else 1
    if isinstance(error, KeyboardInterrupt):
        return 128 + signal.SIGINT
    return int(getattr(error, "exit_code", 1))  # click's exceptions have one


def _report(error: BaseException) -> None:
    if isinstance(error, SystemExit):
        if isinstance(error.code, str):
            print(error.code, file=sys.stderr)
    elif hasattr(error, "show"):  # click.ClickException, such as StartupRefusal
        error.show()
    elif not isinstance(error, KeyboardInterrupt):
        sys.excepthook(type(error), error, error.__traceback__)


def _flush() -> None:
    for stream in (sys.stdout, sys.stderr):
        try:  # noqa: SIM105 - contextlib takes long to import
            stream.flush()
        except (AttributeError, OSError, ValueError):  # it is missing, broken or closed
            pass


def _flush_all() -> None:
    _flush()
    if "logging" in sys.modules:
        sys.modules["logging"].shutdown()
