"""The runtime refuses to start in a way that would break the promises of a pod."""

import asyncio
from pathlib import Path

import pytest
import uvloop
from uvicorn.protocols.http.h11_impl import H11Protocol
from uvicorn_pod import startup_refusals

from tests.support.repository import ROOT
from tests.support.serving import REFERENCE, run_to_end


@pytest.mark.parametrize(
    ("options", "variables", "named"),
    [
        (["--workers=2"], {}, "--workers"),
        ([], {"UVICORN_WORKERS": "3"}, "UVICORN_WORKERS"),
        ([], {"WEB_CONCURRENCY": "4"}, "WEB_CONCURRENCY"),
        ([], {"WEB_CONCURRENCY": "many"}, "WEB_CONCURRENCY"),
        (["--workers=1"], {"WEB_CONCURRENCY": "4"}, "WEB_CONCURRENCY"),
        (["--reload"], {}, "--reload"),
        (["--http2"], {}, "--http2"),
        (["--loop=asyncio"], {}, "--loop"),
        (["--loop=auto"], {}, "--loop"),
        ([], {"UVICORN_LOOP": "none"}, "UVICORN_LOOP"),
        (["--http=h11"], {}, "--http"),
        ([], {"UVICORN_HTTP": "auto"}, "UVICORN_HTTP"),
        (["--port=9000"], {}, "--management-port"),
        (["--ssl-certfile=/absent.pem"], {}, "/absent.pem cannot be read"),
        (["--ssl-certfile=/etc/hostname"], {}, "--ssl-certfile"),
        ([f"--ssl-certfile={__file__}", "--ssl-keyfile=/absent.pem"], {}, "/absent.pem"),
        (["--ssl-keyfile=/absent.pem"], {}, "--ssl-certfile"),
        (["--zstd"], {}, "add --gzip"),
        (["--no-gzip"], {"UVICORN_ZSTD": "true"}, "UVICORN_ZSTD"),
    ],
)
def test_start_is_refused_with_code_3_and_one_sentence(
    options: list[str], variables: dict[str, str], named: str
) -> None:
    _assert_refused(options, variables, named)


@pytest.mark.parametrize(
    ("option", "named"),
    [
        ("--uds=/absent/socket", "--uds /absent/socket"),
        (f"--uds={__file__}", "--uds"),
        ("--uds=/tmp/" + "a" * 200, "too long"),
        ("--fd=99", "--fd 99"),
        ("--fd=0", "--fd 0"),
    ],
)
def test_start_is_refused_when_the_socket_cannot_be_opened(option: str, named: str) -> None:
    ended = run_to_end("tests.runtime.apps:plain", option, "--management-port=0")
    assert ended.returncode == 3, ended.stderr
    last = ended.stderr.splitlines()[-1]
    assert last.startswith("uvicorn-pod: "), ended.stderr
    assert named in last
    assert "Traceback" not in ended.stderr
    assert "Application shutdown complete" in ended.stderr


@pytest.mark.parametrize("package", ["uvloop", "httptools"])
def test_start_is_refused_when_a_package_is_missing(tmp_path: Path, package: str) -> None:
    (tmp_path / f"{package}.py").write_text("raise ImportError('sentinel')\n")
    path = f"{tmp_path}:{ROOT / 'app'}"
    _assert_refused([], {"PYTHONPATH": path}, f"install {package}")


def _assert_refused(options: list[str], variables: dict[str, str], named: str) -> None:
    ended = run_to_end(REFERENCE, *options, **variables)
    assert ended.returncode == 3, ended.stderr
    assert ended.stdout == ""
    assert ended.stderr.count("\n") == 1, ended.stderr
    assert ended.stderr.startswith("uvicorn-pod: ")
    assert named in ended.stderr


def test_start_is_accepted_with_one_process_on_uvloop_and_httptools() -> None:
    ended = run_to_end(
        "no_such_module:app",
        "--workers=1",
        "--loop=uvloop",
        "--http=httptools",
        "--management-port=0",
        WEB_CONCURRENCY="1",
    )
    assert "no_such_module" in ended.stderr


def test_a_running_loop_or_parser_of_another_kind_is_refused() -> None:
    loops = [asyncio.new_event_loop(), uvloop.new_event_loop()]
    try:
        with pytest.raises(startup_refusals.StartupRefusal, match="event loop"):
            startup_refusals.check_running(loops[0], H11Protocol)
        with pytest.raises(startup_refusals.StartupRefusal, match="HTTP parser"):
            startup_refusals.check_running(loops[1], H11Protocol)
    finally:
        for loop in loops:
            loop.close()
