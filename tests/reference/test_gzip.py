"""Answers are compressed if the client accepts it and they are large enough."""

import pytest
from reference import catalog
from reference.main import create_app
from reference.settings import Settings
from starlette.testclient import TestClient

GZIP = {"accept-encoding": "gzip"}
IDENTITY = {"accept-encoding": "identity"}


@pytest.fixture
def client() -> TestClient:
    return TestClient(create_app(Settings()))


def test_catalog_is_compressed_to_a_fifth_when_the_client_accepts_gzip(client: TestClient) -> None:
    answer = client.get("/catalog", headers=GZIP)
    assert answer.headers["content-encoding"] == "gzip"
    assert answer.headers["vary"] == "Accept-Encoding"
    assert int(answer.headers["content-length"]) <= 180_000
    assert answer.content == catalog.body()


@pytest.mark.parametrize("headers", [IDENTITY, {"accept-encoding": "br"}, {"accept-encoding": ""}])
def test_catalog_is_plain_when_the_client_does_not_accept_gzip(
    client: TestClient, headers: dict[str, str]
) -> None:
    answer = client.get("/catalog", headers=headers)
    assert "content-encoding" not in answer.headers
    assert int(answer.headers["content-length"]) == len(catalog.body())
    assert answer.content == catalog.body()


@pytest.mark.parametrize(
    ("size", "is_compressed"), [(0, False), (1023, False), (1024, True), (1025, True)]
)
def test_a_body_is_compressed_from_1024_bytes_on(
    client: TestClient, size: int, is_compressed: bool
) -> None:
    answer = client.get("/bytes", params={"size": size}, headers=GZIP)
    assert ("content-encoding" in answer.headers) == is_compressed
    assert len(answer.content) == size


def test_the_slow_route_returns_the_same_catalog(client: TestClient) -> None:
    assert client.get("/catalog/slow", headers=GZIP).content == catalog.body()


def test_an_event_stream_is_not_compressed(client: TestClient) -> None:
    answer = client.get("/stream", params={"count": 2, "interval_seconds": 0}, headers=GZIP)
    assert answer.headers["content-type"].startswith("text/event-stream")
    assert "content-encoding" not in answer.headers
    assert answer.text.count("data: ") == 2


def test_minimum_size_and_level_come_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("UVICORN_GZIP_MINIMUM_SIZE", "2000")
    monkeypatch.setenv("UVICORN_GZIP_COMPRESSLEVEL", "9")
    client = TestClient(create_app(Settings()))
    small = client.get("/bytes", params={"size": 1999}, headers=GZIP)
    large = client.get("/catalog", headers=GZIP)
    default = TestClient(create_app(Settings(gzip_compresslevel=5))).get("/catalog", headers=GZIP)
    assert "content-encoding" not in small.headers
    assert int(large.headers["content-length"]) < int(default.headers["content-length"])


def test_gzip_can_be_switched_off(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("UVICORN_GZIP", "false")
    answer = TestClient(create_app(Settings())).get("/catalog", headers=GZIP)
    assert "content-encoding" not in answer.headers
