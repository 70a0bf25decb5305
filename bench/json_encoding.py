"""How many large lists one core returns per second, by how the route encodes them."""

import json
from statistics import median

from bench import wrk
from bench.bar_chart import Bar, BarChart, Group
from bench.pinned import pinned
from bench.record import Comparison, Findings, Table
from tests.support.serving import Served, serving

APP = "bench.json_routes:app"
ROWS, MODEL, ORJSON, BYTES = "/rows", "/model", "/orjson", "/bytes"
ROUTES = {
    ROWS: "return rows",
    MODEL: "response_model=list[Product]",
    ORJSON: "Response(orjson.dumps(rows))",
    BYTES: "Response(bytes kept)",
}
ROUNDS = 3
SECONDS = {ROWS: 2}  # its few answers need more time; all others have one second
CONNECTIONS = 2
NO_ROUTE = "/none"


def measure() -> Findings:
    """Takes about 18 seconds. Raises RuntimeError unless all routes return the same list."""
    rates: dict[str, list[float]] = {path: [] for path in ROUTES}
    with pinned(0), serving(APP, "--no-access-log") as served, pinned(1):
        size = _same_bytes(served)
        for _ in range(ROUNDS):
            for path in ROUTES:
                rates[path].append(_rate(served, path))
    comparisons = [
        Comparison.of(
            f"answers/s: `{ROUTES[path]}` against `{ROUTES[ROWS]}`",
            [own / slow for own, slow in zip(rates[path], rates[ROWS], strict=True)],
        )
        for path in (MODEL, ORJSON, BYTES)
    ]
    return Findings([_table(rates, size)], _chart(rates), comparisons)


def _same_bytes(served: Served) -> int:
    """Returns the size of the list in bytes of JSON."""
    bodies = {path: served.get(path).body for path in ROUTES}
    for path, body in bodies.items():
        if json.loads(body) != json.loads(bodies[BYTES]):
            raise RuntimeError(f"{path} and {BYTES} return different lists")
    return len(bodies[BYTES])


def _rate(served: Served, path: str) -> float:
    found = wrk.measure(served.port, path, seconds=SECONDS.get(path, 1), connections=CONNECTIONS)
    if found.failures:
        raise RuntimeError(f"GET {path}: {found.failures}")
    # The server still works on what wrk did not wait for, at the expense of the next route.
    served.get(NO_ROUTE)
    return found.rate


def _table(rates: dict[str, list[float]], size: int) -> Table:
    rows = []
    for path, code in ROUTES.items():
        rate = median(rates[path])
        rows.append([f"`{code}`", f"{rate:,.1f}", f"{1e3 / rate:.2f}"])
    columns = ["the route's code", "answers/s", "ms for each"]
    return Table(f"A list of {size:,} bytes of JSON, on one core", columns, rows)


def _chart(rates: dict[str, list[float]]) -> BarChart:
    bars = [
        Bar(
            code,
            median(rates[path]),
            f"{median(rates[path]):,.1f}/s",
            min(rates[path]),
            max(rates[path]),
            is_ours=path != ROWS,
        )
        for path, code in ROUTES.items()
    ]
    slow, model, fast = (median(rates[path]) for path in (ROWS, MODEL, ORJSON))
    return BarChart(
        title=f"A large list: {slow:.0f} answers a second by `return rows`, {model:.0f} by a "
        f"response model, {fast:.0f} by orjson",
        unit="answers per second on one core; more is better",
        groups=[Group("One list, four ways to return it", bars)],
    )
