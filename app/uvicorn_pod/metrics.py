"""The Prometheus metrics of one process.

No label takes a value that a client can choose: `route` is a template of the app, and `method` is
one of a fixed list. So the app's routes limit the number of series. The names begin with
`uvicorn_`, because an app that counts its own requests usually calls that `http_…`.
"""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial
from itertools import accumulate

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram
from prometheus_client.core import CounterMetricFamily, HistogramMetricFamily, Metric
from prometheus_client.registry import Collector
from prometheus_client.utils import floatToGoString

from uvicorn_pod.request_record import RequestRecord

METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
BUCKETS = Histogram.DEFAULT_BUCKETS[:-1]  # without the infinite one
STREAM_BUCKETS = (1, 5, 15, 60, 300, 900, 3600)
CLOSE_CODES = frozenset(range(1000, 1016)) - {1004}  # RFC 6455 §7.4.1 and its registry
REFUSALS = (400, 408, 413, 431, 503)
LAG_BUCKETS = (0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)


class Metrics:
    """All metrics of the process. The event loop's thread writes them, a scraping thread reads."""

    def __init__(self, registry: CollectorRegistry) -> None:
        """Raises ValueError if the registry already has metrics of these names."""
        self.registry = registry
        self._requests = _RequestMetrics()
        registry.register(self._requests)
        self.count = self._requests.count
        self.cancelled = Counter(
            "uvicorn_requests_cancelled",
            "HTTP requests that outlasted --timeout-graceful-shutdown.",
            registry=registry,
        )
        self.overdue = Counter(
            "uvicorn_requests_overdue",
            "HTTP requests cancelled because their answer had not begun after --request-seconds.",
            registry=registry,
        )
        self._refused = Counter(
            "uvicorn_requests_refused",
            "Requests refused: malformed (400), slow (408), large (413, 431), over "
            "--limit-concurrency or after --max-wait-seconds (503).",
            ["status"],
            registry=registry,
        )
        for status in REFUSALS:
            # A rate sees no increase in a series that begins with 1.
            self._refused.labels(str(status))
        self._in_flight = Gauge(
            "uvicorn_requests_in_flight", "HTTP requests being answered.", registry=registry
        )
        self._demand = Gauge(
            "uvicorn_requests_demand",
            "HTTP requests being answered, connections that wait to be accepted, and requests that "
            "would be answered if none had been refused for overload in the last 5 seconds.",
            registry=registry,
        )
        self.log_lines_dropped = Counter(
            "uvicorn_access_log_lines_dropped",
            "Lines of the access log that stdout did not accept.",
            registry=registry,
        )
        self._websockets = _WebSocketMetrics(registry)
        self.websockets_in_flight = self._websockets.in_flight
        self.count_websocket_opened = self._websockets.count_opened
        self.count_websocket_ended = self._websockets.count_ended
        self._draining = Gauge("uvicorn_draining", "1 after SIGTERM, 0 before.", registry=registry)
        self._connections = Gauge(
            "uvicorn_connections", "Open connections of the app's port.", registry=registry
        )
        self.connections_expired = Counter(
            "uvicorn_connections_expired",
            "Connections that ended with the first answer after --max-connection-seconds.",
            registry=registry,
        )
        self._loop_lag = Histogram(
            "uvicorn_event_loop_lag_seconds",
            "How late the event loop ran a timer, sampled ten times a second.",
            buckets=LAG_BUCKETS,
            registry=registry,
        )
        self.observe_lag = self._loop_lag.observe

    def count_refusal(self, status: int) -> None:
        """Counts a request that the server refused with `status`.

        The app may have been reading its body.
        """
        self._refused.labels(str(int(status))).inc()

    def count_overload(self, requests: Sequence[RequestRecord]) -> None:
        """Counts requests that were answered 503 without the app: as refused, and as answers.

        They have no place among the durations, which would look better the more are refused.
        """
        for request in requests:
            self.count_refusal(request.status)
        self._requests.count(requests, is_timed=False)

    def watch(self, in_flight: Callable[[], float], draining: Callable[[], float]) -> None:
        """Sets the functions that each scrape calls, on its thread, to read the two gauges."""
        self._in_flight.set_function(in_flight)
        self._draining.set_function(draining)

    def watch_demand(self, demand: Callable[[], float]) -> None:
        """Sets the function that each scrape calls, on its thread, for what a scaler follows."""
        self._demand.set_function(demand)

    def watch_connections(self, number: Callable[[], float]) -> None:
        """Sets the function that each scrape calls, on its thread, to count the connections."""
        self._connections.set_function(number)


class _RequestMetrics(Collector):
    """Counts requests without the locks that prometheus_client takes for each increment."""

    def __init__(self) -> None:
        self._answers: dict[tuple[str, str, int], int] = defaultdict(int)
        self._timers: dict[tuple[str, str], _Durations] = defaultdict(partial(_Durations, BUCKETS))
        self._streams: dict[tuple[str, str], _Durations] = defaultdict(
            partial(_Durations, STREAM_BUCKETS)
        )
        self._sent_bytes = 0
        self._plain_bytes = 0

    def count(self, requests: Iterable[RequestRecord], *, is_timed: bool = True) -> None:
        """Counts each finished request, and its time unless `is_timed` is false."""
        for request in requests:
            method = request.method if request.method in METHODS else "other"
            self._answers[method, request.route, request.status // 100] += 1
            if is_timed:
                timers = self._streams if request.is_stream else self._timers
                timers[method, request.route].observe(request.ended - request.started)
            self._sent_bytes += request.sent_bytes
            self._plain_bytes += request.plain_bytes

    def collect(self) -> Iterator[Metric]:
        """Runs on the scraping thread. The copies of the dictionaries are atomic."""
        requests = CounterMetricFamily(
            "uvicorn_requests",
            "HTTP requests answered, by method, route template and status class.",
            labels=["method", "route", "status"],
        )
        for (method, route, status_class), number in self._answers.copy().items():
            requests.add_metric([method, route, f"{status_class}xx"], number)
        yield requests
        yield _histogram(
            "uvicorn_request_duration_seconds",
            "Time from a request's headers to the end of its answer, by method and route template.",
            self._timers.copy(),
        )
        yield _histogram(
            "uvicorn_stream_duration_seconds",
            "The same for event streams, and for bodies of unknown length that take over a second.",
            self._streams.copy(),
        )
        yield CounterMetricFamily(
            "uvicorn_response_bytes", "Bytes of response bodies as sent.", self._sent_bytes
        )
        yield CounterMetricFamily(
            "uvicorn_response_plain_bytes",
            "Bytes of response bodies before compression.",
            self._plain_bytes,
        )


class _WebSocketMetrics:
    def __init__(self, registry: CollectorRegistry) -> None:
        self.in_flight = Gauge(
            "uvicorn_websockets_in_flight", "WebSockets that are not closed.", registry=registry
        )
        self._opened = Counter(
            "uvicorn_websockets_opened", "WebSockets accepted.", ["route"], registry=registry
        )
        self._refused = Counter(
            "uvicorn_websockets_refused",
            "WebSockets whose handshake did not succeed, by status class.",
            ["route", "status"],
            registry=registry,
        )
        self._closed = Counter(
            "uvicorn_websockets_closed",
            "WebSockets that were opened and are closed, by close code.",
            ["route", "code"],
            registry=registry,
        )
        self._durations = Histogram(
            "uvicorn_websocket_duration_seconds",
            "Time from the handshake to the close.",
            ["route"],
            buckets=STREAM_BUCKETS,
            registry=registry,
        )

    def count_opened(self, route: str) -> None:
        """Counts a WebSocket that the app has accepted."""
        self._opened.labels(route).inc()

    def count_ended(self, session: RequestRecord, close_code: int | None) -> None:
        """Counts a WebSocket that is closed, or was never opened if it has no close code."""
        if close_code is None:
            self._refused.labels(session.route, f"{session.status // 100}xx").inc()
            return
        self._closed.labels(session.route, _code_label(close_code)).inc()
        self._durations.labels(session.route).observe(session.ended - session.started)


def _code_label(code: int) -> str:
    """A known close code, or else its class: clients may send any number."""
    if code in CLOSE_CODES:
        return str(code)
    return f"{code // 1000}xxx" if code // 1000 in (3, 4) else "other"


class _Durations:
    """The durations of one method and route, in seconds, as the buckets of a histogram."""

    def __init__(self, bounds: Sequence[float]) -> None:
        self._bounds = bounds
        self._numbers = [0] * (len(bounds) + 1)
        self.seconds = 0.0

    def observe(self, seconds: float) -> None:
        self._numbers[bisect_left(self._bounds, seconds)] += 1
        self.seconds += seconds

    def buckets(self) -> list[tuple[str, float]]:
        """The cumulative count of each upper bound."""
        bounds = [*map(floatToGoString, self._bounds), "+Inf"]
        return list(zip(bounds, accumulate(self._numbers), strict=True))


def _histogram(
    name: str, text: str, timers: Mapping[tuple[str, str], _Durations]
) -> HistogramMetricFamily:
    family = HistogramMetricFamily(name, text, labels=["method", "route"])
    for labels, timer in timers.items():
        family.add_metric(labels, timer.buckets(), timer.seconds)
    return family
