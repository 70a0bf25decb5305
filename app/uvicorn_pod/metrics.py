"""The Prometheus metrics of one process.

No label takes a value that a client can choose: a route is its template, a method one of a few,
so the number of series is bounded by the app's own routes. The names begin with `uvicorn_`, since
an app that counts its requests in the same registry usually calls that `http_…`.
"""

from collections.abc import Callable, Mapping
from typing import Any

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
UNMATCHED = "unmatched"
LAG_BUCKETS = (0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)


class Metrics:
    """Counts requests; each series' children are looked up once and kept."""

    def __init__(self, registry: CollectorRegistry) -> None:
        """Raises ValueError if the registry has metrics of these names already."""
        self.registry = registry
        self._requests = Counter(
            "uvicorn_requests",
            "HTTP requests answered, by method, route template and status class.",
            ["method", "route", "status"],
            registry=registry,
        )
        self._duration = Histogram(
            "uvicorn_request_duration_seconds",
            "Time from a request's headers to the end of its answer, by method and route template.",
            ["method", "route"],
            registry=registry,
        )
        self._in_flight = Gauge(
            "uvicorn_requests_in_flight", "HTTP requests being answered.", registry=registry
        )
        self._draining = Gauge("uvicorn_draining", "1 from SIGTERM on.", registry=registry)
        self._loop_lag = Histogram(
            "uvicorn_event_loop_lag_seconds",
            "How late the event loop ran a timer, sampled ten times a second.",
            buckets=LAG_BUCKETS,
            registry=registry,
        )
        self.observe_lag = self._loop_lag.observe
        self._counters: dict[tuple[str, str, int], Counter] = {}
        self._timers: dict[tuple[str, str], Histogram] = {}

    def watch(self, in_flight: Callable[[], float], draining: Callable[[], float]) -> None:
        """Reads the two gauges from these functions, at each scrape, on the scraping thread."""
        self._in_flight.set_function(in_flight)
        self._draining.set_function(draining)

    def observe_request(self, scope: Mapping[str, Any], status: int, seconds: float) -> None:
        """Counts one finished request, once its scope bears the route that the app chose."""
        method = scope["method"] if scope["method"] in METHODS else "other"
        route = route_template(scope)
        counter = self._counters.get((method, route, status // 100))
        if counter is None:
            counter = self._requests.labels(method, route, f"{status // 100}xx")
            self._counters[method, route, status // 100] = counter
        timer = self._timers.get((method, route))
        if timer is None:
            timer = self._timers[method, route] = self._duration.labels(method, route)
        counter.inc()
        timer.observe(seconds)


def route_template(scope: Mapping[str, Any]) -> str:
    """The path of the matched route as the app declares it, `unmatched` where there is none.

    Starlette and FastAPI leave the route in the scope; FastAPI's knows the prefix of the router
    that it was included from only in its context. A mount's prefix is left out on purpose: the
    scope has it with its parameters filled in, and these come from the client.
    """
    context = scope.get("fastapi", {}).get("effective_route_context")
    path = getattr(context or scope.get("route"), "path", None)
    return path if isinstance(path, str) else UNMATCHED
