"""Each request is counted once, under labels that clients cannot choose."""

import pytest
from fastapi import APIRouter, FastAPI
from prometheus_client import CollectorRegistry
from starlette.testclient import TestClient
from uvicorn_pod.loop_heartbeat import Heartbeat
from uvicorn_pod.metrics import Metrics
from uvicorn_pod.pod_middleware import PodMiddleware
from uvicorn_pod.route_template import RouteTemplates


def _app() -> FastAPI:
    router = APIRouter()

    @router.get("/items/{number}")
    async def item(number: int) -> int:
        return number

    @router.get("/broken")
    async def broken() -> None:
        raise RuntimeError("sentinel")

    app = FastAPI()
    app.include_router(router, prefix="/shop/{name}")
    app.include_router(router)
    mounted = FastAPI()
    mounted.include_router(router)
    app.mount("/mounted/{name}", mounted)
    return app


@pytest.fixture
def registry() -> CollectorRegistry:
    return CollectorRegistry()


@pytest.fixture
def middleware(registry: CollectorRegistry) -> PodMiddleware:
    return PodMiddleware(_app(), Metrics(registry), lambda: False)


@pytest.fixture
def client(middleware: PodMiddleware) -> TestClient:
    return TestClient(middleware, raise_server_exceptions=False)


def _count(registry: CollectorRegistry, method: str, route: str, status: str) -> float:
    labels = {"method": method, "route": route, "status": status}
    return registry.get_sample_value("uvicorn_requests_total", labels) or 0


def _series(registry: CollectorRegistry) -> set[tuple[str, ...]]:
    return {
        tuple(sample.labels.values())
        for family in registry.collect()
        for sample in family.samples
        if sample.name == "uvicorn_requests_total"
    }


@pytest.mark.parametrize(
    ("path", "route", "status"),
    [
        ("/items/1", "/items/{number}", "2xx"),
        ("/items/one", "/items/{number}", "4xx"),
        ("/shop/sentinel/items/1", "/shop/{name}/items/{number}", "2xx"),
        ("/mounted/sentinel/items/1", "/items/{number}", "2xx"),
        ("/broken", "/broken", "5xx"),
        ("/sentinel", "unmatched", "4xx"),
    ],
)
def test_a_request_is_counted_under_the_template_of_its_route(
    client: TestClient,
    middleware: PodMiddleware,
    registry: CollectorRegistry,
    path: str,
    route: str,
    status: str,
) -> None:
    client.get(path)
    middleware.flush_records()
    assert _count(registry, "GET", route, status) == 1
    assert len(_series(registry)) == 1
    timed = registry.get_sample_value(
        "uvicorn_request_duration_seconds_count", {"method": "GET", "route": route}
    )
    assert timed == 1


def test_a_client_cannot_add_series(
    client: TestClient, middleware: PodMiddleware, registry: CollectorRegistry
) -> None:
    for number in range(50):
        client.get(f"/nowhere/{number}", headers={"x-request-id": str(number)})
        client.get(f"/shop/{number}/items/{number}?page={number}")
        client.request(f"BREW{number}", "/items/1")
    middleware.flush_records()
    assert _series(registry) == {
        ("GET", "unmatched", "4xx"),
        ("GET", "/shop/{name}/items/{number}", "2xx"),
        ("other", "/items/{number}", "4xx"),
    }


def test_route_template_is_unmatched_without_a_route() -> None:
    assert RouteTemplates().find({"type": "http"}) == "unmatched"
    assert RouteTemplates().find({"type": "http", "route": object()}) == "unmatched"


def test_gauges_are_read_at_each_scrape(registry: CollectorRegistry) -> None:
    Metrics(registry).watch(lambda: 7, lambda: True)
    assert registry.get_sample_value("uvicorn_requests_in_flight") == 7
    assert registry.get_sample_value("uvicorn_draining") == 1


def test_a_heartbeat_has_age_0_before_its_first_beat() -> None:
    assert Heartbeat(lambda _lag: None).age_seconds() == 0
