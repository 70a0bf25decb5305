"""The Prometheus metrics of one process.

No label takes a value that a client can choose: a route is its template, a method one of a few,
so the number of series is bounded by the app's own routes. The names begin with `uvicorn_`, since
an app that counts its requests in the same registry usually calls that `http_…`.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram
from prometheus_client.core import CounterMetricFamily
from prometheus_client.registry import Collector

METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
UNMATCHED = "unmatched"
PLAIN_BYTES = "uvicorn_pod.plain_bytes"  # uvicorn_pod.gzip leaves this in the scope
STREAM_BUCKETS = (1, 5, 15, 60, 300, 900, 3600)
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
        self._stream_duration = Histogram(
            "uvicorn_stream_duration_seconds",
            "The same of answers of unknown length, which would spoil the other's percentiles.",
            ["method", "route"],
            buckets=STREAM_BUCKETS,
            registry=registry,
        )
        self.cancelled = Counter(
            "uvicorn_requests_cancelled",
            "HTTP requests that outlasted --timeout-graceful-shutdown.",
            registry=registry,
        )
        self._bytes = _Bytes()
        registry.register(self._bytes)
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
        self._timers: dict[tuple[str, str, bool], Histogram] = {}

    def watch(self, in_flight: Callable[[], float], draining: Callable[[], float]) -> None:
        """Reads the two gauges from these functions, at each scrape, on the scraping thread."""
        self._in_flight.set_function(in_flight)
        self._draining.set_function(draining)

    def observe_request(
        self,
        scope: Mapping[str, Any],
        status: int,
        seconds: float,
        body_bytes: int,
        is_stream: bool,
    ) -> None:
        """Counts one finished request, once its scope bears the route that the app chose."""
        method = scope["method"] if scope["method"] in METHODS else "other"
        route = route_template(scope)
        counter = self._counters.get((method, route, status // 100))
        if counter is None:
            counter = self._requests.labels(method, route, f"{status // 100}xx")
            self._counters[method, route, status // 100] = counter
        timer = self._timers.get((method, route, is_stream))
        if timer is None:
            family = self._stream_duration if is_stream else self._duration
            timer = self._timers[method, route, is_stream] = family.labels(method, route)
        counter.inc()
        timer.observe(seconds)
        self._bytes.sent += body_bytes
        self._bytes.plain += scope.get(PLAIN_BYTES, body_bytes)


class _Bytes(Collector):
    """Two numbers, without the lock that a Counter takes at each request."""

    def __init__(self) -> None:
        self.sent = 0
        self.plain = 0

    def collect(self) -> Iterator[CounterMetricFamily]:
        yield CounterMetricFamily("uvicorn_response_bytes", "Bodies as sent.", self.sent)
        yield CounterMetricFamily(
            "uvicorn_response_plain_bytes", "The same before gzip.", self.plain
        )


def route_template(scope: Mapping[str, Any]) -> str:
    """The path of the matched route as the app declares it, `unmatched` where there is none.

    Starlette and FastAPI leave the route in the scope; FastAPI's knows the prefix of the router
    that it was included from only in its context. A mount's prefix is left out on purpose: the
    scope has it with its parameters filled in, and these come from the client.
    """
    context = scope.get("fastapi", {}).get("effective_route_context")
    path = getattr(context or scope.get("route"), "path", None)
    return path if isinstance(path, str) else UNMATCHED
