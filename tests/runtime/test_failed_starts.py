"""A start that fails ends the process soon, with its report, even if threads of the app run."""

import subprocess
import time
from pathlib import Path

import pytest

from tests.support.app_sources import THREAD
from tests.support.serving import run_to_end

FACTORY = "def app():\n    {}\n"
LIFESPAN = """
import asyncio, time
async def app(scope, receive, send):
    if scope["type"] == "lifespan":
        await receive()
        {}
"""
FAILED = "await send({'type': 'lifespan.startup.failed', 'message': 'sentinel'})"
# The source of an app, the exit code and what is reported.
FAILURES = {
    "the import raises": ("raise RuntimeError('sentinel')", 1, "RuntimeError: sentinel"),
    "the import exits": ("raise SystemExit('sentinel')", 1, "sentinel"),
    "the import exits with a code": ("print('sentinel'); raise SystemExit(7)", 7, "sentinel"),
    "a package is missing": ("import sentinel", 3, "cannot be imported"),
    "the app is missing": ("application = None", 3, "Attribute"),
    "the factory raises": (
        FACTORY.format("raise RuntimeError('sentinel')"),
        1,
        "RuntimeError: sentinel",
    ),
    "the factory misses a package": (FACTORY.format("import sentinel"), 1, "ModuleNotFoundError"),
    "the lifespan fails": (LIFESPAN.format(FAILED), 3, "sentinel"),
    "the lifespan fails and keeps a thread of asyncio": (
        LIFESPAN.format(f"asyncio.ensure_future(asyncio.to_thread(time.sleep, 600)); {FAILED}"),
        3,
        "sentinel",
    ),
}


def _run(folder: Path, source: str, *options: str) -> subprocess.CompletedProcess[str]:
    (folder / "own_app.py").write_text(source)
    return run_to_end(
        "own_app:app", f"--app-dir={folder}", "--management-port=0", "--port=0", *options
    )


@pytest.mark.parametrize("thread", ["", THREAD], ids=["no thread", "a thread"])
@pytest.mark.parametrize("failure", FAILURES)
def test_a_start_that_fails_ends_the_process(tmp_path: Path, failure: str, thread: str) -> None:
    source, code, reported = FAILURES[failure]
    started = time.monotonic()
    ended = _run(tmp_path, f"print('printed')\n{thread}{source}\n")
    seconds = time.monotonic() - started
    assert seconds < 8, f"the process needed {seconds:.1f} s to end"
    assert ended.returncode == code, ended.stderr
    assert reported in ended.stdout + ended.stderr
    assert ended.stdout.startswith("printed\n"), "the output was not flushed"


@pytest.mark.quiet
def test_a_start_that_fails_ends_within_two_seconds(tmp_path: Path) -> None:
    def seconds(source: str) -> float:
        started = time.monotonic()
        assert _run(tmp_path, source).returncode == 1
        return time.monotonic() - started

    failure = "raise RuntimeError('sentinel')"
    kept = seconds(THREAD + failure) - seconds(failure)
    assert kept < 2, f"a thread of the app kept the process alive for {kept:.1f} s"


@pytest.mark.parametrize(
    "hang",
    ["await asyncio.sleep(600)", "time.sleep(600)", "await asyncio.to_thread(time.sleep, 600)"],
    ids=["awaits", "blocks the loop", "awaits a thread"],
)
def test_a_lifespan_startup_that_takes_too_long_exits_with_code_1_and_one_line(
    tmp_path: Path, hang: str
) -> None:
    ended = _run(tmp_path, LIFESPAN.format(hang), "--startup-seconds=0.5")
    assert ended.returncode == 1, ended.stderr
    lines = [line for line in ended.stderr.splitlines() if '"level":"ERROR"' in line]
    assert len(lines) == 1, ended.stderr
    assert "takes more than 0.5 s (--startup-seconds)" in lines[0]
    assert "Traceback" not in ended.stderr


def test_a_lifespan_startup_within_its_limit_is_served(tmp_path: Path) -> None:
    source = (
        LIFESPAN.format("await send({'type': 'lifespan.startup.complete'}); raise SystemExit(0)")
        + "    else: raise AssertionError\n"
    )
    options = (
        "--startup-seconds=5",
        "--limit-max-requests=0",
        "--retire-seconds=0",
        "--drain-seconds=0",
    )
    ended = _run(tmp_path, source, *options)
    assert "Uvicorn running" in ended.stderr
    assert "--startup-seconds" not in ended.stderr
