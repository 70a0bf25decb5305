"""The long form of test_keda_scaling: five steps up and down, faults, CPU-bound and sine load."""

import asyncio
import itertools
import math
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from statistics import median
from typing import Any

import pytest

from tests.e2e.conftest import Install
from tests.e2e.keda import HPA, follows_requests, wait_for_one_pod
from tests.e2e.release import FULL_NAME, Release
from tests.e2e.replica_watch import recorded_replicas
from tests.support.commands import run
from tests.support.http_client import HOST
from tests.support.load import load
from tests.support.prober import probing
from tests.support.waiting import stays_true, wait_until

pytestmark = [pytest.mark.quiet, pytest.mark.long]

PORT = 8087
CLIENTS = 40
MOST_PODS = 4
STEPS = 5
STEPS_SECONDS = 1_300
HPA_SECONDS = 15
FIRST_SECONDS = 15
ALL_SECONDS = 30
DOWN_SECONDS = 120
FAULT_SECONDS = 60
SINE_SECONDS = 600
SINE_PERIOD_SECONDS = 120
WINDOW_SECONDS = 300
# Blocks its event loop if it is asked to; otherwise answers as the reference service does.
APP = """\
import time

from fastapi import FastAPI
from reference.main import app as reference

app = FastAPI()


@app.get("/hang")
async def hang(seconds: int = 20):
    time.sleep(seconds)


app.mount("/", reference)
"""
SCALING: dict[str, Any] = {"engine": "keda", "minReplicas": 1, "maxReplicas": MOST_PODS}
VALUES: dict[str, Any] = {
    "app": "hanging:app",
    "config": {"files": {"hanging.py": APP}},
    "env": {"UVICORN_APP_DIR": "/etc/app", "PYTHONPATH": "/app"},
    "resources": {"requests": {"cpu": "100m"}},
    "autoscaling": SCALING,
}
# Down within half a minute, so that five steps fit into minutes.
QUICK_DOWN: dict[str, Any] = {
    "behavior": {
        "scaleDown": {
            "stabilizationWindowSeconds": 15,
            "policies": [{"type": "Percent", "value": 100, "periodSeconds": 15}],
        }
    }
}


@pytest.fixture(scope="module")
def release(install: Install) -> Release:
    installed = install("keda-long", PORT, values=VALUES | {"autoscaling": SCALING | QUICK_DOWN})
    wait_until(
        lambda: follows_requests(installed), 120, f"{installed.namespace}: KEDA's HPA active"
    )
    return installed


def step(release: Release) -> tuple[float, float]:
    """Sends a load that only waits, and returns when the second and the last pod were ready."""
    with load(PORT, "/slow?seconds=2", CLIENTS):
        begun = time.monotonic()
        wait_until(
            lambda: release.ready_pods() >= 2, 60, "a second pod ready", interval_seconds=0.3
        )
        first = time.monotonic() - begun
        wait_until(
            lambda: release.ready_pods() == MOST_PODS, 60, "all pods ready", interval_seconds=0.3
        )
        return first, time.monotonic() - begun


def test_five_steps_add_pods_in_time_and_scaling_down_loses_nothing(
    release: Release, record_property: Callable[[str, object], None]
) -> None:
    found = []
    with probing(PORT, kept=1, fresh=1, seconds=STEPS_SECONDS) as tally:
        for number in range(STEPS):
            # The HPA acts every 15 s, and has just acted. Users do not wait for that moment.
            time.sleep(number * HPA_SECONDS / STEPS)
            found.append(step(release))
            wait_for_one_pod(release, DOWN_SECONDS, "one pod after the load")
    shown = [(round(first, 1), round(last, 1)) for first, last in found]
    record_property("note", f"seconds to the second and to all pods: {shown}; {tally}")
    first, last = (median(each) for each in zip(*found, strict=True))
    assert first <= FIRST_SECONDS, f"second pod ready after {shown} s, wanted {FIRST_SECONDS}"
    assert last <= ALL_SECONDS, f"{MOST_PODS} pods ready after {shown} s, wanted {ALL_SECONDS}"
    assert not tally.lost, f"{release.namespace} lost requests while it scaled: {tally}"


def hang_a_pod(release: Release) -> None:
    """Blocks the event loop of one pod for 20 seconds."""
    script = "import urllib.request as r; r.urlopen('http://127.0.0.1:8000/hang', timeout=40)"
    release.exec_python(release.pods()[0], script)


def hide_the_metrics(release: Release) -> None:
    """Leaves the management Service without endpoints for half a minute."""
    service = f"{FULL_NAME}-mgmt"
    patch = '{{"spec":{{"selector":{{"app.kubernetes.io/instance":"{}"}}}}}}'
    release.kubectl("patch", "service", service, "--patch", patch.format("nobody"))
    time.sleep(30)
    release.kubectl("patch", "service", service, "--patch", patch.format("demo"))


def restart_the_operator(_release: Release) -> None:
    """Replaces KEDA's operator."""
    keda = ["kubectl", "--namespace=keda", "rollout"]
    run(*keda, "restart", "deployment/keda-operator")
    run(*keda, "status", "deployment/keda-operator", "--timeout=120s")


def stays_scaled(release: Release, fault: Callable[[Release], None]) -> None:
    """Puts a fault into a release under load, and asserts that no pod is removed."""
    with load(PORT, "/slow?seconds=2", CLIENTS):
        wait_until(lambda: release.ready_pods() == MOST_PODS, 90, "all pods ready")
        with recorded_replicas(release) as seen:
            fault(release)
            time.sleep(FAULT_SECONDS)
    name = fault.__name__
    assert set(seen) == {MOST_PODS}, f"{release.namespace}, {name}: {seen} pods under load"
    wait_until(lambda: follows_requests(release), 120, f"KEDA's HPA active after {name}")


@pytest.mark.parametrize("fault", [hang_a_pod, hide_the_metrics])
def test_no_fault_removes_a_pod_under_load(
    release: Release, fault: Callable[[Release], None]
) -> None:
    stays_scaled(release, fault)


def test_load_on_the_cpu_also_adds_pods(release: Release) -> None:
    """Fewer requests are in flight than one pod may have."""
    wait_for_one_pod(release, DOWN_SECONDS, "one pod before the load")
    with load(PORT, "/work?ms=50", 4):
        wait_until(lambda: release.ready_pods() >= 2, 120, "a second pod for load on the CPU")


async def send_sine(port: int, seconds: float) -> None:
    """Holds 2 to 38 requests in flight, of which each waits for a second."""
    begun = time.monotonic()

    async def client(number: int) -> None:
        while (passed := time.monotonic() - begun) < seconds:
            wanted = 20 + 18 * math.sin(2 * math.pi * passed / SINE_PERIOD_SECONDS)
            if number >= wanted:
                await asyncio.sleep(0.2)
                continue
            reader, writer = await asyncio.open_connection(HOST, port)
            writer.write(b"GET /slow?seconds=1 HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n")
            await reader.read()
            writer.close()

    await asyncio.gather(*(client(number) for number in range(38)))


@pytest.fixture(scope="module")
def settled(release: Release) -> Release:
    """The same release, with one pod and the chart's default behavior, which waits five minutes."""
    wait_for_one_pod(release, DOWN_SECONDS, "one pod after the load")
    same = Release(release.client, release.namespace, PORT, values=VALUES)
    same.install()
    return same


def test_sine_load_changes_the_direction_rarely(
    settled: Release, record_property: Callable[[str, object], None]
) -> None:
    """With the chart's default behavior: at most one change of direction in five minutes."""
    moments: list[tuple[float, int]] = []
    with recorded_replicas(settled) as seen:
        begun = time.monotonic()

        def note() -> bool:
            if seen and (not moments or moments[-1][1] != seen[-1]):
                moments.append((time.monotonic() - begun, seen[-1]))
            return True

        with ThreadPoolExecutor(1) as pool:
            sending = pool.submit(asyncio.run, send_sine(PORT, SINE_SECONDS))
            stays_true(note, SINE_SECONDS, "the watch of the number of pods")
            sending.result()
    turns = directions_changed(moments)
    record_property("note", f"pods over time: {[(round(t), n) for t, n in moments]}")
    close = [(a, b) for a, b in itertools.pairwise(turns) if b - a < WINDOW_SECONDS]
    assert not close, f"directions changed at {turns} s: {moments}"
    assert moments[-1][1] > 1, f"hpa/{HPA} never added a pod: {moments}"


def test_a_restart_of_the_operator_removes_no_pod_under_load(settled: Release) -> None:
    """A new operator first adds the numbers of the pods that it has already reached.

    With a window of 15 seconds instead, the HPA then removed two of four pods for 30 seconds.
    """
    stays_scaled(settled, restart_the_operator)


def directions_changed(moments: list[tuple[float, int]]) -> list[float]:
    """Moments at which the number went down after it went up, or the other way round."""
    changes = [
        (moment, number > before) for (_, before), (moment, number) in itertools.pairwise(moments)
    ]
    pairs = itertools.pairwise(changes)
    return [moment for (_, was_up), (moment, is_up) in pairs if was_up != is_up]
