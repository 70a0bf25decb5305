"""`--gzip` compresses the answers of an app that does not; no answer is compressed twice."""

import gzip
from pathlib import Path

from reference import catalog

from tests.support.http_client import Client
from tests.support.repository import ROOT
from tests.support.serving import REFERENCE, serving
from tests.support.waiting import wait_until

PLAIN_APP = """
async def app(scope, receive, send):
    if scope["type"] == "http":
        headers = [(b"Content-Length", b"1800")]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": b"sentinel " * 200})
"""
PLAIN = "tests.runtime.apps:plain"


def test_gzip_compresses_an_app_without_gzip_and_counts_its_bytes() -> None:
    with (
        serving(PLAIN, "--gzip", GZIP_MINIMUM_SIZE="5", GZIP_COMPRESSLEVEL="9") as served,
        Client(served.port) as client,
    ):
        answer = client.get("/", accept_encoding="gzip")
        assert answer.headers["content-encoding"] == "gzip"
        assert gzip.decompress(answer.body) == b"hello"
        plain = b"uvicorn_response_plain_bytes_total 5.0"
        wait_until(lambda: plain in served.ask("/metrics").body, 5, "the plain bytes are counted")
        metrics = served.ask("/metrics").body
        assert f"uvicorn_response_bytes_total {len(answer.body)}.0".encode() in metrics


def test_answers_are_plain_without_gzip() -> None:
    with serving(PLAIN, GZIP_MINIMUM_SIZE="0") as served, Client(served.port) as client:
        assert "content-encoding" not in client.get("/", accept_encoding="gzip").headers


def test_an_app_with_its_own_gzip_is_compressed_once() -> None:
    with serving(REFERENCE, UVICORN_GZIP="true") as served, Client(served.port) as client:
        answer = client.get("/catalog", accept_encoding="gzip")
    assert gzip.decompress(answer.body) == catalog.body()


def test_gzip_needs_no_framework_and_falls_back_to_zlib(tmp_path: Path) -> None:
    for module in ("starlette", "zlib_ng"):
        (tmp_path / f"{module}.py").write_text("raise ImportError('sentinel')\n")
    (tmp_path / "plain_app.py").write_text(PLAIN_APP)
    path = f"{tmp_path}:{ROOT / 'app'}:{ROOT}"
    with serving("plain_app:app", "--gzip", PYTHONPATH=path) as served:
        with Client(served.port) as client:
            answer = client.get("/", accept_encoding="gzip")
        log = served.log()
    assert gzip.decompress(answer.body) == b"sentinel " * 200
    assert log.count("install uvicorn-pod[gzip]") == 1, log
