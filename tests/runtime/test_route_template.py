"""The label `route` is a template that the framework, or the app, has put into the scope."""

from typing import Any

import pytest
from prometheus_client import CollectorRegistry
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route
from starlette.testclient import TestClient
from uvicorn_pod.metrics import Metrics
from uvicorn_pod.pod_middleware import PodMiddleware
from uvicorn_pod.route_template import MAX_GIVEN, ROUTE, RouteTemplates

# What Litestar 2.25 leaves in the scope of a request, without the objects.
LITESTAR = {
    "type": "http",
    "path": "/shop/a/items/1",
    "raw_path": b"/shop/a/items/1",
    "litestar_app": object(),
    "app": object(),
    "route_handler": object(),
    "path_params": {"name": "a", "number": 1},
    "path_template": "/shop/{name}/items/{number}",
}
LITESTAR_UNMATCHED = {"type": "http", "litestar_app": object(), "path_params": {}}


@pytest.mark.parametrize(
    ("scope", "expected"),
    [
        ({"type": "http"}, "unmatched"),
        ({"type": "http", "route": object()}, "unmatched"),
        (LITESTAR, "/shop/{name}/items/{number}"),
        ({**LITESTAR, "path_template": ""}, "unmatched"),  # a mounted ASGI app
        (LITESTAR_UNMATCHED, "unmatched"),
        ({"type": "http", ROUTE: "items/<int:number>"}, "items/<int:number>"),
        ({**LITESTAR, ROUTE: "/given"}, "/given"),
        ({"type": "http", ROUTE: None}, "unmatched"),
        ({"type": "http", ROUTE: 7}, "unmatched"),
        ({"type": "http", ROUTE: "x" * 60_000}, "other"),
    ],
)
def test_the_template_is_found_in_the_scope(scope: dict[str, Any], expected: str) -> None:
    assert RouteTemplates().find(scope) == expected


def test_templates_that_the_app_sets_are_limited_in_number() -> None:
    templates = RouteTemplates()
    found = {templates.find({ROUTE: f"/items/{number}"}) for number in range(10 * MAX_GIVEN)}
    assert len(found) == MAX_GIVEN + 1
    assert "other" in found
    assert templates.find({ROUTE: "/items/0"}) == "/items/0", "a known template stays"


def test_an_app_can_name_its_route_in_the_scope() -> None:
    async def answer(request: Request) -> PlainTextResponse:
        request.scope["uvicorn_pod.route"] = "/documented/<name>"
        return PlainTextResponse("ok")

    registry = CollectorRegistry()
    app = Starlette(routes=[Route("/{path:path}", answer)])
    middleware = PodMiddleware(app, Metrics(registry), lambda: False)
    TestClient(middleware).get("/documented/one")
    middleware.flush_records()
    labels = {"method": "GET", "route": "/documented/<name>", "status": "2xx"}
    assert registry.get_sample_value("uvicorn_requests_total", labels) == 1
