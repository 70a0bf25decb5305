"""Describes a stack for the log: file, line and function of each frame, escaped and limited.

Contains no values of variables and no source, so nothing that a client has sent.
"""

import os
import sysconfig
from pathlib import Path
from types import FrameType
from typing import Any, NamedTuple

MAX_FRAMES = 40
MAX_TEXT = 200  # characters of a file's path or a function's name

_LIBRARIES = tuple(
    {
        f"{path}{os.sep}"
        for path in (
            *(sysconfig.get_path(name) for name in ("stdlib", "platstdlib", "purelib", "platlib")),
            Path(__file__).parent,
        )
    }
)
_LIBRARY_FOLDERS = frozenset({"site-packages", "dist-packages"})

Place = dict[str, Any]


class Description(NamedTuple):
    """The place in the code of the app, and the stack, innermost frame first."""

    handler: Place
    stack: list[Place]


def describe(innermost: FrameType, end: FrameType, package: str) -> Description:
    """Describes the stack from the innermost frame to the one that `end` calls.

    `handler` is the deepest frame in the app's own code: outside the standard library
    and the installed packages, or in `package`, which may be installed too. If there is none, it is
    the innermost frame. The stack keeps the MAX_FRAMES innermost frames.
    """
    stack: list[Place] = []
    handler: Place | None = None
    frame: FrameType | None = innermost
    while frame is not None and frame is not end:
        if handler is None and _is_of_app(frame, package):
            handler = _place(frame)
        if len(stack) < MAX_FRAMES:
            stack.append(_place(frame))
        elif handler is not None:
            break
        frame = frame.f_back
    return Description(handler or stack[0], stack)


def _is_of_app(frame: FrameType, package: str) -> bool:
    module = str(frame.f_globals.get("__name__"))
    if module == package or module.startswith(f"{package}."):
        return True
    path = frame.f_code.co_filename
    return not (
        path.startswith(("<", *_LIBRARIES)) or _LIBRARY_FOLDERS.intersection(Path(path).parts)
    )


def _place(frame: FrameType) -> Place:
    code = frame.f_code
    return {
        "file": _printable(code.co_filename),
        "line": frame.f_lineno,
        "function": _printable(code.co_qualname),
    }


def _printable(text: str) -> str:
    """The end of a text, without characters that could end a line or control a terminal."""
    return repr(text[-MAX_TEXT:])[1:-1]
