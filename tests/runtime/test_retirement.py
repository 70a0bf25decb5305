"""A process that is about to be killed for its memory becomes unready, drains and exits 0."""

import re
import time
from pathlib import Path

import pytest
from prometheus_client import CollectorRegistry
from uvicorn_pod import retirement
from uvicorn_pod.app_readiness import AppReadiness
from uvicorn_pod.container_memory import ContainerMemory
from uvicorn_pod.loop_heartbeat import Heartbeat
from uvicorn_pod.probes import Probes
from uvicorn_pod.retirement import Retirement

from tests.runtime.reported import sample
from tests.support.http_client import Client
from tests.support.serving import REFERENCE, serving
from tests.support.waiting import wait_until

MEBIBYTE = 1 << 20


FILES = {
    1: ("memory/memory.limit_in_bytes", "memory/memory.usage_in_bytes", "memory/memory.stat"),
    2: ("memory.max", "memory.current", "memory.stat"),
}


def _cgroup(root: Path, *, version: int, used: int, cached: int, limit: str) -> Path:
    """A quarter of the page cache was read once, the rest was read twice."""
    inactive = cached // 4
    stat = {
        1: "inactive_file 1\nactive_file 1\n"
        f"total_inactive_file {inactive}\ntotal_active_file {cached - inactive}\n",
        2: f"anon 5\ninactive_file {inactive}\nactive_file {cached - inactive}\n",
    }[version]
    (root / "memory").mkdir(exist_ok=True)
    for file, text in zip(FILES[version], (limit, str(used), stat), strict=True):
        (root / file).write_text(text)
    return root


@pytest.mark.parametrize("version", [1, 2])
def test_page_cache_does_not_count_as_memory(tmp_path: Path, version: int) -> None:
    root = _cgroup(
        tmp_path, version=version, used=90 * MEBIBYTE, cached=40 * MEBIBYTE, limit=f"{100 << 20}\n"
    )
    memory = ContainerMemory.find(root)
    assert memory is not None
    assert memory.used_percent() == 50


@pytest.mark.parametrize("version", [1, 2])
def test_limit_may_change_while_the_process_runs(tmp_path: Path, version: int) -> None:
    """Kubernetes can resize a pod in place."""
    memory = ContainerMemory.find(
        _cgroup(tmp_path, version=version, used=90, cached=0, limit="100")
    )
    assert memory is not None
    unlimited = {1: "9223372036854771712\n", 2: "max\n"}[version]
    for limit, wanted in (("100", 90), ("200", 45), (unlimited, 0), ("300", 30)):
        (tmp_path / FILES[version][0]).write_text(limit)
        percent = memory.used_percent()
        assert percent == wanted, f"limit {limit!r}: {percent} %, wanted {wanted} %"


@pytest.mark.parametrize(("version", "limit"), [(2, "max\n"), (1, "9223372036854771712\n")])
def test_a_container_without_a_limit_has_no_memory_to_watch(
    tmp_path: Path, version: int, limit: str
) -> None:
    root = _cgroup(tmp_path, version=version, used=1, cached=0, limit=limit)
    assert ContainerMemory.find(root) is None
    assert ContainerMemory.find(tmp_path / "none") is None


def _probes() -> Probes:
    heartbeat = Heartbeat(lambda _lag: None)
    return Probes(heartbeat, AppReadiness(heartbeat, 1), 30, is_started=True)


def _watched(tmp_path: Path, percent: int) -> ContainerMemory:
    root = _cgroup(tmp_path, version=2, used=percent, cached=0, limit="100")
    memory = ContainerMemory.find(root)
    assert memory is not None
    return memory


def test_growing_memory_makes_the_pod_unready_and_then_due(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(retirement, "SETTLING_SECONDS", 0)
    probes, registry = _probes(), CollectorRegistry()
    watched = Retirement(probes, 0.2, registry, memory=_watched(tmp_path, 50), memory_percent=80)
    watched.check(0)
    assert probes.why_not_ready() is None
    retiring = registry.get_sample_value("uvicorn_retiring")
    assert retiring == 0, f"uvicorn_retiring before: {retiring}, wanted 0"
    (tmp_path / "memory.current").write_text("81")
    watched.check(0)
    assert probes.why_not_ready() == "retiring"
    retiring = registry.get_sample_value("uvicorn_retiring")
    assert retiring == 1, f"uvicorn_retiring: {retiring}, wanted 1"
    assert not watched.is_due, "it drains before Kubernetes has removed it from the endpoints"
    time.sleep(0.25)
    assert watched.is_due


def test_memory_that_is_high_from_the_beginning_is_not_a_leak(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(retirement, "SETTLING_SECONDS", 0)
    probes = _probes()
    memory = _watched(tmp_path, 95)
    watched = Retirement(probes, 0, CollectorRegistry(), memory=memory, memory_percent=80)
    for _ in range(3):
        watched.check(0)
    assert probes.why_not_ready() is None
    (record,) = caplog.records
    assert record.message == (
        "The app needs 95 % of its memory limit from the beginning, so --retire-memory-percent is "
        "off: raise the limit."
    )


def test_thresholds_of_two_pods_differ(tmp_path: Path) -> None:
    def threshold() -> float:
        memory = _watched(tmp_path, 5)
        watched = Retirement(_probes(), 0, CollectorRegistry(), memory=memory, memory_percent=80)
        return watched._threshold  # noqa: SLF001 - only a leak of hours would show it

    thresholds = {threshold() for _ in range(20)}
    assert len(thresholds) == 20
    assert all(75 <= each <= 80 for each in thresholds), f"thresholds: {thresholds}"


def test_the_most_requests_end_in_an_unready_time_a_drain_and_code_0() -> None:
    options = ("--limit-max-requests=1", "--retire-seconds=2", "--drain-seconds=1")
    with serving(REFERENCE, *options) as served:
        with Client(served.port) as client:
            before = sample(served, "uvicorn_retiring")
            client.send("/bytes?size=1")
            assert client.receive().status == 200
            wait_until(lambda: served.ask("/readyz").status == 503, 5, "/readyz answers 503")
            after = sample(served, "uvicorn_retiring")
            assert (before, after) == (0, 1), f"uvicorn_retiring: {before} → {after}"
            client.send("/bytes?size=1")
            answer = client.receive()
            assert (answer.status, answer.is_closing) == (200, False), f"while unready: {answer}"
            wait_until(lambda: "Draining for 1 seconds" in served.log(), 10, "the drain")
            client.send("/bytes?size=1")
            answer = client.receive()
            assert (answer.status, answer.is_closing) == (200, True), f"while draining: {answer}"
        assert served.process.wait(10) == 0, served.log()
        (line,) = re.findall(r'"message":"(Retiring[^"]*)"', served.log())
        assert line == (
            "Retiring: the limit of 1 requests is reached. The pod is not ready from now on, and "
            "drains in 2 seconds."
        )
