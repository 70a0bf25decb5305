"""The work of the control plane: its requests, its CPU time, and its waiting at its own limits."""

from collections.abc import Iterator
from dataclasses import dataclass

from prometheus_client.samples import Sample

from tests.scale.cluster import kubectl, on_node
from tests.support.metrics_text import samples

MUTATING = {"POST", "PUT", "PATCH", "DELETE"}
TICKS_PER_SECOND = 100  # USER_HZ, the same on every architecture
PROGRAMS = {
    "kube-apiserver": "API server",
    "etcd": "etcd",
    "kube-controller": "controllers",
    "kube-scheduler": "scheduler",
    "metrics-server": "metrics-server",
    "kube-proxy": "kube-proxy",
    "kwok": "kwok",
}
"""First 15 letters of a process's name, as Linux keeps them → what the pictures call it."""

LIMITED = {"controllers": 10257, "scheduler": 10259}
"""Clients with a rate limiter, and the port of their metrics."""

LIMITER = "rest_client_rate_limiter_duration_seconds"
NAMES = (
    "apiserver_request_total",
    "apiserver_request_duration_seconds_sum",
    "apiserver_request_duration_seconds_count",
    f"{LIMITER}_sum",
    f"{LIMITER}_count",
)


@dataclass(frozen=True)
class Work:
    """Counters since the start of the cluster; `later - earlier` is the work in between."""

    requests: float
    changes: float
    """Requests that create, change or delete something."""
    change_seconds: float
    """The sum of the times that the API server took for them."""
    evictions: float
    refusals: float
    """Evictions that a PodDisruptionBudget did not allow yet."""
    collisions: float
    """Evictions that failed because another one wrote the budget's status at the same moment."""
    cpu_seconds: dict[str, float]
    limiter_seconds: dict[str, float]
    """Client → the sum of the times that its requests waited in its own limiter."""
    limited_requests: dict[str, float]

    def __sub__(self, earlier: "Work") -> "Work":
        return Work(
            self.requests - earlier.requests,
            self.changes - earlier.changes,
            self.change_seconds - earlier.change_seconds,
            self.evictions - earlier.evictions,
            self.refusals - earlier.refusals,
            self.collisions - earlier.collisions,
            _difference(self.cpu_seconds, earlier.cpu_seconds),
            _difference(self.limiter_seconds, earlier.limiter_seconds),
            _difference(self.limited_requests, earlier.limited_requests),
        )


def work() -> Work:
    """Returns the counters as they are now."""
    found = list(_samples(kubectl("get", "--raw=/metrics")))
    changing = [one for one in found if one.labels.get("verb") in MUTATING]
    limiters = {client: _limiter(port) for client, port in LIMITED.items()}
    evictions = {
        code: sum(
            one.value
            for one in _named(found, "apiserver_request_total")
            if one.labels.get("subresource") == "eviction" and one.labels.get("code") == code
        )
        for code in ("201", "429", "409")
    }
    return Work(
        _sum(found, "apiserver_request_total"),
        _sum(changing, "apiserver_request_duration_seconds_count"),
        _sum(changing, "apiserver_request_duration_seconds_sum"),
        evictions["201"],
        evictions["429"],
        evictions["409"],
        cpu_seconds(),
        {client: _sum(one, f"{LIMITER}_sum") for client, one in limiters.items()},
        {client: _sum(one, f"{LIMITER}_count") for client, one in limiters.items()},
    )


def cpu_seconds() -> dict[str, float]:
    """Returns program → seconds of CPU since its start, of the processes on the real node."""
    used = dict.fromkeys(PROGRAMS.values(), 0.0)
    # A process may end while the shell reads the files.
    for line in on_node("sh", "-c", "cat /proc/[0-9]*/stat 2>/dev/null || true").splitlines():
        name, _, rest = line.partition(" (")[2].rpartition(") ")
        fields = rest.split()
        if name in PROGRAMS:
            user, system = int(fields[11]), int(fields[12])
            used[PROGRAMS[name]] += (user + system) / TICKS_PER_SECOND
    return used


def _limiter(port: int) -> list[Sample]:
    text = on_node(
        "kubectl", "--kubeconfig=/etc/kubernetes/admin.conf", f"--server=https://127.0.0.1:{port}",
        "--insecure-skip-tls-verify", "get", "--raw=/metrics",
    )  # fmt: skip
    return list(_samples(text))


def _samples(text: str) -> Iterator[Sample]:
    """Parses only the lines that count: the API server prints more than a hundred thousand."""
    wanted = tuple(f"{name}{{" for name in NAMES)
    lines = [line for line in text.splitlines() if line.startswith(wanted)]
    yield from samples("\n".join(lines) + "\n")


def _named(found: list[Sample], name: str) -> list[Sample]:
    return [one for one in found if one.name == name]


def _sum(found: list[Sample], name: str) -> float:
    return sum(one.value for one in _named(found, name))


def _difference(later: dict[str, float], earlier: dict[str, float]) -> dict[str, float]:
    return {name: round(value - earlier[name], 2) for name, value in later.items()}
