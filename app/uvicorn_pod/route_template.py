"""The value of the label `route`: the path of the matched route, as the app declares it."""

from collections.abc import Callable
from typing import Any

from uvicorn_pod.asgi import Scope

ROUTE = "uvicorn_pod.route"  # the key in the scope that an app may set
UNMATCHED = "unmatched"
OTHER = "other"
MAX_GIVEN = 500
MAX_TEXT = 256  # characters of a template that the app has set


class RouteTemplates:
    """Finds the template of a request's route.

    Templates that the app declares are limited in number. Those that it sets under `ROUTE` may not
    be: after the first `MAX_GIVEN` of them, every new one becomes `other`.
    """

    def __init__(self, on_error: Callable[[Exception], None] = lambda _error: None) -> None:
        """`on_error` gets the errors that objects of the app raise."""
        self._on_error = on_error
        self._given: set[str] = set()

    def find(self, scope: Scope) -> str:
        """The template, or `unmatched` if the scope has none.

        Starlette and FastAPI put the route into the scope, Litestar its template. With FastAPI,
        only its context knows the prefix of an included router. A mount's prefix is left out on
        purpose: the scope has it with its parameters filled in, and clients choose their values.
        """
        if ROUTE in scope:
            return self._limited(scope[ROUTE])
        try:
            fastapi = scope.get("fastapi")
            context = fastapi.get("effective_route_context") if isinstance(fastapi, dict) else None
            path = getattr(context or scope.get("route"), "path", None)
            if path is None and "litestar_app" in scope:
                path = scope.get("path_template") or None  # empty for a mount
        except Exception as error:  # noqa: BLE001 - a route is an object of the app
            self._on_error(error)
            return UNMATCHED
        return path if isinstance(path, str) else UNMATCHED

    def _limited(self, template: Any) -> str:  # noqa: ANN401 - the app may set anything
        if not isinstance(template, str) or not template:
            return UNMATCHED
        if template not in self._given:
            if len(self._given) >= MAX_GIVEN or len(template) > MAX_TEXT:
                return OTHER
            self._given.add(template)
        return template
