"""`--gzip` compresses the answers of an app that does not; no answer is compressed twice."""

import gzip
from pathlib import Path

from reference import catalog

from tests.support.http_client import Client
from tests.support.repository import ROOT
from tests.support.serving import REFERENCE, run_to_end, serving
from tests.support.waiting import wait_until

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


def test_gzip_is_refused_in_one_sentence_without_its_extra(tmp_path: Path) -> None:
    (tmp_path / "starlette.py").write_text("raise ImportError('sentinel')\n")
    ended = run_to_end(PLAIN, "--gzip", PYTHONPATH=f"{tmp_path}:{ROOT / 'app'}:{ROOT}")
    assert ended.returncode == 3
    assert ended.stderr.count("\n") == 1
    assert "install uvicorn-pod[gzip]" in ended.stderr
