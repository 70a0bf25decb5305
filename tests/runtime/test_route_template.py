"""The label `route` is a template that the framework, or the app, has put into the scope."""

from typing import Any, cast

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route
from uvicorn_pod.asgi import App
from uvicorn_pod.route_template import MAX_GIVEN, ROUTE, RouteTemplates

from tests.support.accounted import Accounted
from tests.support.exchange import exchange, request

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

    accounted = Accounted()
    app = Starlette(routes=[Route("/{path:path}", answer)])
    exchange(cast("App", app), request("/documented/one"), accounting=accounted.accounting)
    labels = {"method": "GET", "route": "/documented/<name>", "status": "2xx"}
    assert accounted.sample("uvicorn_requests_total", **labels) == 1
