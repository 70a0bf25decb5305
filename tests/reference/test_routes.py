"""The reference routes work as documented, and no parameter lets a client hang a pod."""

import time

import pytest
from reference.main import create_app
from reference.settings import Settings
from starlette.testclient import TestClient

from tests.support.serving import REFERENCE, serving


@pytest.fixture
def client() -> TestClient:
    return TestClient(create_app(Settings(hostname="sentinel-pod")))


@pytest.mark.parametrize(
    "query",
    [
        "/work?ms=-1",
        "/work?ms=1001",
        "/work?ms=nan",
        "/slow?seconds=-0.1",
        "/slow?seconds=30.1",
        "/slow?seconds=inf",
        "/slow?seconds=nan",
        "/bytes?size=-1",
        "/bytes?size=1048577",
        "/stream?count=0",
        "/stream?count=101",
        "/stream?interval_seconds=-1",
        "/stream?interval_seconds=1.1",
    ],
)
def test_a_parameter_out_of_range_gets_422_at_once(client: TestClient, query: str) -> None:
    started = time.monotonic()
    assert client.get(query).status_code == 422
    assert time.monotonic() - started < 2


@pytest.mark.parametrize(
    "query",
    [
        "/work?ms=0",
        "/work?ms=1000",
        "/slow?seconds=0",
        "/bytes?size=0",
        "/bytes?size=1048576",
        "/stream?count=100&interval_seconds=0",
    ],
)
def test_a_parameter_at_its_limit_is_accepted(client: TestClient, query: str) -> None:
    assert client.get(query).status_code == 200


@pytest.mark.quiet
def test_work_burns_the_requested_cpu_time(client: TestClient) -> None:
    started = time.process_time()
    client.get("/work", params={"ms": 200})
    assert 0.2 <= time.process_time() - started < 0.5


@pytest.mark.quiet
def test_slow_waits_without_burning_cpu(client: TestClient) -> None:
    started, started_cpu = time.monotonic(), time.process_time()
    client.get("/slow", params={"seconds": 0.5})
    assert time.monotonic() - started >= 0.5
    assert time.process_time() - started_cpu < 0.25


def test_echo_returns_the_request_as_the_app_sees_it(client: TestClient) -> None:
    answer = client.post("/echo?a=%20b", content=b"x" * 70_000, headers={"x-sentinel": "seen"})
    echo = answer.json()
    assert (echo["method"], echo["scheme"], echo["path"]) == ("POST", "http", "/echo")
    assert (echo["query"], echo["body_bytes"]) == ("a=%20b", 70_000)
    assert echo["headers"]["x-sentinel"] == "seen"
    assert echo["client"] == "testclient"


def test_echo_refuses_a_body_over_its_limit(client: TestClient) -> None:
    assert client.post("/echo", content=b"x" * 10_485_760).json()["body_bytes"] == 10_485_760
    assert client.post("/echo", content=b"x" * 10_485_761).status_code == 413


def test_root_names_the_pod_and_a_server_without_httptools(client: TestClient) -> None:
    identity = client.get("/").json()
    assert identity["pod"] == "sentinel-pod"
    assert identity["loop"].startswith("asyncio.")
    assert "httptools" not in identity["http"]


def test_root_names_the_running_loop_and_parser() -> None:
    slower = ("--loop=asyncio", "--http=h11")
    with serving(REFERENCE, *slower, module="uvicorn", until="port") as plain:
        plain_identity = plain.get("/").body.decode()
    with serving(REFERENCE) as served:
        identity = served.get("/").body.decode()
        pid = served.process.pid
    assert '"loop":"uvloop.Loop"' in identity
    assert '"http":"uvicorn.protocols.http.httptools_impl"' in identity
    assert f'"pid":{pid}' in identity
    assert '"loop":"asyncio.' in plain_identity
    assert '"http":"uvicorn.protocols.http.h11_impl"' in plain_identity
