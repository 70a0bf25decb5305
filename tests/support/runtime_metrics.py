"""All metrics of the runtime, with every part of it turned on."""

from prometheus_client import CollectorRegistry
from prometheus_client.core import Metric
from uvicorn_pod.app_readiness import AppReadiness
from uvicorn_pod.blocking_line import BlockingLine
from uvicorn_pod.loop_heartbeat import Heartbeat
from uvicorn_pod.metrics import Metrics
from uvicorn_pod.overload import Overload
from uvicorn_pod.probes import Probes
from uvicorn_pod.retirement import Retirement
from uvicorn_pod.thread_pool import ThreadPool


def runtime_metrics() -> list[Metric]:
    """A family for each metric, as at the start of a process."""
    registry = CollectorRegistry()
    Metrics(registry)
    heartbeat = Heartbeat(lambda _lag: None)
    probes = Probes(heartbeat, AppReadiness(heartbeat, 1), 1)
    BlockingLine(probes, 1, "shop:app", registry)
    Overload(1, heartbeat, registry)
    Retirement(probes, 1, registry)
    threads = ThreadPool(0, registry)  # collects nothing before anyio is used
    return [*registry.collect(), *threads.describe()]
