"""Each request is counted once, under labels that clients cannot choose."""

from typing import cast

import pytest
from fastapi import APIRouter, FastAPI
from prometheus_client import CollectorRegistry
from uvicorn_pod.asgi import App
from uvicorn_pod.loop_heartbeat import Heartbeat
from uvicorn_pod.metrics import Metrics
from uvicorn_pod.route_template import RouteTemplates

from tests.support.accounted import Accounted
from tests.support.exchange import exchange, request

# Methods that the parser knows and that get no label; it refuses all others.
RARE = ["PROPFIND", "MKCOL", "SEARCH", "PURGE", "REPORT"]


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


APP = cast("App", _app())


@pytest.fixture
def accounted() -> Accounted:
    return Accounted()


def _series(accounted: Accounted) -> set[tuple[str, ...]]:
    return {
        tuple(sample.labels.values())
        for family in accounted.registry.collect()
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
    accounted: Accounted, path: str, route: str, status: str
) -> None:
    (answer,) = exchange(APP, request(path), accounting=accounted.accounting)
    assert f"{answer.status // 100}xx" == status
    labels = {"method": "GET", "route": route}
    assert accounted.sample("uvicorn_requests_total", status=status, **labels) == 1
    assert len(_series(accounted)) == 1
    assert accounted.sample("uvicorn_request_duration_seconds_count", **labels) == 1


def test_a_client_cannot_add_series(accounted: Accounted) -> None:
    requests = [
        each
        for number in range(50)
        for each in (
            request(f"/nowhere/{number}", b"x-request-id: %d" % number),
            request(f"/shop/{number}/items/{number}?page={number}"),
            request("/items/1", method=RARE[number % len(RARE)]),
        )
    ]
    answers = exchange(APP, *requests, accounting=accounted.accounting)
    assert len(answers) == len(requests)
    accounted.accounting.flush_records()
    assert _series(accounted) == {
        ("GET", "unmatched", "4xx"),
        ("GET", "/shop/{name}/items/{number}", "2xx"),
        ("other", "/items/{number}", "4xx"),
    }


def test_route_template_is_unmatched_without_a_route() -> None:
    assert RouteTemplates().find({"type": "http"}) == "unmatched"
    assert RouteTemplates().find({"type": "http", "route": object()}) == "unmatched"


def test_gauges_are_read_at_each_scrape() -> None:
    registry = CollectorRegistry()
    Metrics(registry).watch(lambda: 7, lambda: True)
    assert registry.get_sample_value("uvicorn_requests_in_flight") == 7
    assert registry.get_sample_value("uvicorn_draining") == 1


def test_a_heartbeat_has_age_0_before_its_first_beat() -> None:
    assert Heartbeat(lambda _lag: None).age_seconds() == 0
