"""The log names the line that blocks the event loop, and nothing else is called a block.

BLOCKS=20 plants 20 blocks of each kind instead of 2; BLOCK_SECONDS and BLOCKED_SECONDS set their
length and the option.
"""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from types import FrameType, GeneratorType
from typing import Any

import pytest
from uvicorn_pod import stack_report
from uvicorn_pod.blocking_line import call_of

from tests.runtime import blocking_app
from tests.runtime.reported import sample
from tests.support.http_client import get
from tests.support.load import load
from tests.support.serving import Served, run_to_end, serving
from tests.support.waiting import stays_true, wait_until

APP = "tests.runtime.blocking_app:app"
SOURCE = Path(blocking_app.__file__)
BLOCKS = int(os.environ.get("BLOCKS", "2"))
BLOCK_SECONDS = float(os.environ.get("BLOCK_SECONDS", "0.5"))
LIMIT_SECONDS = float(os.environ.get("BLOCKED_SECONDS", "0.3"))
LIMIT = f"--blocked-seconds={LIMIT_SECONDS}"
KINDS = ["sleep", "compute", "receive", "library", "callback"]
METRIC = "uvicorn_event_loop_blocks_total"


def line_of(kind: str) -> int:
    """The line in the app that blocks."""
    lines = SOURCE.read_text().splitlines()
    found = [number for number, text in enumerate(lines, 1) if text.endswith(f"# blocks {kind}")]
    assert len(found) == 1, f"{SOURCE}: lines {found} end with '# blocks {kind}'"
    return found[0]


def reports(served: Served) -> list[dict[str, Any]]:
    """The lines of the log that name a block."""
    lines = [line for line in served.log().splitlines() if "has been blocked for" in line]
    return [json.loads(line) for line in lines]


@pytest.fixture
def site_packages(tmp_path: Path) -> Path:
    """A folder with a library that blocks."""
    folder = tmp_path / "site-packages"
    folder.mkdir()
    source = "import time\n\ndef fetch(seconds):\n    time.sleep(seconds)\n"
    (folder / "slow_library.py").write_text(source)
    return folder


@contextmanager
def watched(*options: str, **variables: str) -> Iterator[Served]:
    variables = {"BLOCK_SECONDS": str(BLOCK_SECONDS), **variables}
    with serving(APP, *(options or [LIMIT]), **variables) as served:
        yield served


def path_with(folder: Path) -> dict[str, str]:
    app = Path(stack_report.__file__).parents[1]
    return {"PYTHONPATH": os.pathsep.join([str(app), str(app.parent), str(folder)])}


@pytest.mark.parametrize("kind", KINDS)
def test_log_names_the_line_that_blocks_once_per_block(kind: str, site_packages: Path) -> None:
    with watched(**path_with(site_packages)) as served:
        for number in range(1, BLOCKS + 1):
            assert served.get(f"/{kind}").status == 200, served.log()
            wait_until(
                lambda: len(reports(served)) >= number,  # noqa: B023
                5,
                f"block {number} of /{kind} is in the log",
            )
        found = reports(served)
        wanted = {"file": str(SOURCE), "line": line_of(kind)}
        wrong = [one for one in found if not wanted.items() <= one["handler"].items()]
        assert not wrong, f"/{kind}: wanted {wanted}, logged {wrong}"
        assert len(found) == BLOCKS, f"/{kind}: {BLOCKS} blocks, {len(found)} reports"
        counted = sample(served, METRIC)
        assert counted == BLOCKS, f"{METRIC} is {counted}, wanted {BLOCKS}"
        assert f"{SOURCE}:{wanted['line']} in " in found[0]["message"], found[0]["message"]


def test_a_call_of_c_that_keeps_the_gil_is_named_when_it_returns() -> None:
    """Usually: the watching thread gets the GIL only if it already waits for it."""
    with watched() as served:

        def is_named() -> bool:
            assert served.get("/extension").status == 200
            return bool(reports(served))

        wait_until(is_named, 30, "one of the calls of C is in the log")
        lines = {report["handler"]["line"] for report in reports(served)}
        assert lines == {line_of("extension")}, f"lines {lines}"


def test_stack_begins_with_the_library_that_the_handler_called(site_packages: Path) -> None:
    with watched(**path_with(site_packages)) as served:
        served.get("/library")
        (report,) = wait_until(lambda: reports(served), 5, "the block is in the log")
    innermost, caller = report["stack"][:2]
    assert innermost == {
        "file": str(site_packages / "slow_library.py"),
        "line": 4,
        "function": "fetch",
    }, f"the innermost frame is {innermost}"
    assert caller == report["handler"], f"{innermost} is called by {caller}"
    assert report["blocked_ms"] >= LIMIT_SECONDS * 1e3, f"blocked_ms is {report['blocked_ms']}"


def test_a_task_that_lets_the_loop_turn_is_not_a_block() -> None:
    with watched() as served:
        assert served.get("/steps").status == 200
        assert served.get("/sleep").status == 200
        wait_until(lambda: reports(served), 5, "the block after it is in the log")
        found = [report["handler"]["function"] for report in reports(served)]
        assert found == ["sleep"], f"/steps turns the loop, /sleep blocks it: reported {found}"


def test_a_stack_that_ends_before_the_loop_is_a_call_of_a_greenlet() -> None:
    """A suspended generator has such a stack too, and needs no package."""
    runner = sys._getframe()  # noqa: SLF001
    outer = runner.f_back
    assert outer is not None
    root = outer
    while root.f_back is not None:
        root = root.f_back
    (called,) = (sys._getframe() for _ in range(1))  # noqa: SLF001
    suspended = (number for number in range(2))
    assert isinstance(suspended, GeneratorType)
    detached: FrameType | None = suspended.gi_frame
    for innermost, wanted, what in (
        (detached, detached, "a greenlet"),
        (called, called, "a call of the loop"),
        (runner, None, "a loop that runs no Python code"),
        (outer, None, "a loop that has ended"),
        (None, None, "a thread that has ended"),
    ):
        found = call_of(innermost, runner, root)
        assert found is wanted, f"{what}: found {found}, wanted {wanted}"


@contextmanager
def busy_cores(number: int) -> Iterator[None]:
    """Runs processes that use all of this process's cores."""
    command = [sys.executable, "-c", "while True: pass"]
    with ExitStack() as stack:
        for _ in range(number):
            process = stack.enter_context(subprocess.Popen(command))
            stack.callback(process.kill)
        yield


def test_a_loaded_machine_makes_no_block_and_hides_none() -> None:
    lag = "uvicorn_event_loop_lag_seconds"
    with watched("--blocked-seconds=0.25") as served, busy_cores(2 * (os.cpu_count() or 1)):
        with load(served.port, "/work", 16, is_kept=True) as tally:
            stays_true(lambda: not reports(served), 10, "nothing is called a block")
        assert tally["200"] > 10, f"answers: {dict(tally)}"
        late = sample(served, f"{lag}_count") - sample(served, f"{lag}_bucket", le="0.25")
        assert late > 3, f"the control: {late} beats of the loop were later than 0.25 s"
        assert sample(served, METRIC) == 0, f"{METRIC}: {reports(served)}"
        assert get(served.port, "/sleep", 60).status == 200
        (report,) = wait_until(lambda: reports(served), 20, "a block is found under load")
        assert report["handler"]["line"] == line_of("sleep"), report["handler"]


def test_names_in_a_stack_cannot_forge_a_line_and_are_limited() -> None:
    with watched() as served:
        served.get("/forge")
        served.get("/recurse")
        wait_until(lambda: len(reports(served)) == 2, 5, "both blocks are in the log")
        lines = served.log().splitlines()
    forged, recursed = (json.loads(line) for line in lines if "has been blocked for" in line)
    assert forged["level"] == "WARNING", forged
    assert not [line for line in lines if not line.startswith("{")], "a line is not JSON"
    assert not [line for line in lines if "\u2028" in line or "\x1b" in line]
    longest = max(len(str(value)) for place in forged["stack"] for value in place.values())
    assert longest <= 2 * stack_report.MAX_TEXT, f"a name of {longest} characters"
    assert len(recursed["stack"]) == stack_report.MAX_FRAMES, len(recursed["stack"])
    assert recursed["handler"]["function"] == "_sleep_below", recursed["handler"]


def test_a_startup_that_blocks_is_not_reported() -> None:
    with watched(BLOCKS_AT_START="1") as served:
        served.get("/sleep")
        wait_until(lambda: reports(served), 5, "the block after the start is in the log")
        found = [report["handler"]["function"] for report in reports(served)]
        assert found == ["sleep"], f"wanted only the handler that blocks, reported {found}"


def threads(served: Served) -> int:
    return len(list(Path(f"/proc/{served.process.pid}/task").iterdir()))


def test_zero_turns_the_watch_off() -> None:
    with watched("--blocked-seconds=0") as served, watched() as other:
        assert served.get("/sleep").status == 200
        assert METRIC not in served.ask("/metrics").body.decode()
        assert not reports(served), served.log()
        # Each answer of the management port has a thread, which ends a moment after it.
        one_less = lambda: threads(served) == threads(other) - 1  # noqa: E731
        wait_until(one_less, 5, "a process without the watch having one thread less")


@pytest.mark.parametrize("seconds", ["0.1", "30"])
def test_a_time_that_cannot_be_measured_is_refused(seconds: str) -> None:
    done = run_to_end(APP, f"--blocked-seconds={seconds}")
    assert done.returncode == 3, f"exit code {done.returncode}: {done.stderr}"
    assert f"--blocked-seconds is {seconds} and must be 0, or from 0.2" in done.stderr, done.stderr


def test_control_plain_uvicorn_and_the_debug_mode_of_asyncio_do_not_name_the_line() -> None:
    """Debug mode says that a step of a task was slow, and names the function of uvicorn."""
    options = ["--loop=asyncio", "--http=httptools"]
    place = f"{SOURCE.name}:{line_of('sleep')}"
    for debug in ({}, {"ASYNCIO_DEBUG": "1"}):
        variables = {"BLOCK_SECONDS": str(BLOCK_SECONDS), **debug}
        with serving(APP, *options, module="uvicorn", **variables) as served:
            assert served.get("/sleep").status == 200
            if debug:
                wait_until(lambda: "Executing <" in served.log(), 5, "debug mode says it is slow")
            log = served.log()
        assert place not in log, f"{debug}: {log}"
        assert "blocked" not in log, f"{debug}: {log}"
