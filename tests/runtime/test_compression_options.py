"""`--gzip` turns compression on, and `--zstd` adds a coding to it."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.http_client import Client
from tests.support.repository import ROOT
from tests.support.serving import environment, serving

CHROME = "gzip, deflate, br, zstd"
OWN_MIDDLEWARE = """
from uvicorn_pod.gzip import GZipMiddleware

async def app(scope, receive, send):
    if scope["type"] == "http":
        await send({"type": "http.response.start", "status": 200})
        await send({"type": "http.response.body", "body": b"sentinel " * 200})

app = GZipMiddleware(app, minimum_size=1024, compresslevel=5)
"""
PLAIN = "tests.runtime.apps:plain"


@pytest.mark.parametrize(
    ("options", "coding"),
    [
        (["--gzip"], "zstd"),
        (["--gzip", "--zstd"], "zstd"),
        (["--gzip", "--no-zstd"], "gzip"),
        ([], None),
        (["--no-zstd"], None),
    ],
    ids=str,
)
def test_gzip_turns_compression_on_and_zstd_only_adds_a_coding(
    options: list[str], coding: str | None
) -> None:
    small = "--gzip-minimum-size=0"
    with serving(PLAIN, small, *options) as served, Client(served.port) as client:
        answer = client.get("/", accept_encoding=CHROME)
    assert answer.headers.get("content-encoding") == coding, f"{options}: {answer.headers}"


def test_without_the_library_clients_get_gzip_and_the_log_one_warning(tmp_path: Path) -> None:
    for package in ("backports", "compression"):
        (tmp_path / package).mkdir()
        (tmp_path / package / "__init__.py").touch()
        (tmp_path / package / "zstd.py").write_text("raise ImportError('sentinel')\n")
    (tmp_path / "own_middleware.py").write_text(OWN_MIDDLEWARE)
    path = f"{tmp_path}:{ROOT / 'app'}:{ROOT}"
    for options, warnings in ((["--gzip"], 1), ([], 1), (["--gzip", "--no-zstd"], 0)):
        app = PLAIN if "--no-zstd" in options else "own_middleware:app"
        small = "--gzip-minimum-size=0"
        with serving(app, small, *options, PYTHONPATH=path) as served:
            with Client(served.port) as client:
                answer = client.get("/", accept_encoding=CHROME)
            log = served.log()
        assert answer.headers["content-encoding"] == "gzip", options
        assert log.count("install uvicorn-pod[zstd]") == warnings, f"{options}: {log}"


def test_zstd_is_not_imported_where_it_is_off() -> None:
    show = (
        "import sys; from uvicorn_pod.gzip import GZipMiddleware; GZipMiddleware(None, zstd=False)"
        "; print('uvicorn_pod.zstd_encoder' in sys.modules)"
    )
    control = show.replace("False)", "True)")
    for script, printed in ((show, "False\n"), (control, "True\n")):
        done = subprocess.run(
            [sys.executable, "-c", script],
            env=environment(),
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=True,
        )
        assert done.stdout == printed, script
