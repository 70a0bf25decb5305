"""The moments of a pod's start, as a watch of the API server tells them."""

import json
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from tests.e2e.release import FULL_NAME, Release
from tests.support.waiting import wait_until

SECONDS = 15
DECIDED, CREATED, SCHEDULED, STARTED, READY = (
    "decided", "created", "scheduled", "started", "ready",
)  # fmt: skip
Times = dict[str, float]


def reached(pod: dict[str, Any]) -> list[str]:
    """Returns what a pod has reached, given its object."""
    status = pod["status"]
    conditions = {one["type"]: one["status"] for one in status.get("conditions", [])}
    running = [one for one in status.get("containerStatuses", []) if "running" in one["state"]]
    return [
        CREATED,
        *([SCHEDULED] if conditions.get("PodScheduled") == "True" else []),
        *([STARTED] if running else []),
        *([READY] if conditions.get("Ready") == "True" else []),
    ]


@contextmanager
def watched(release: Release) -> Iterator[dict[str, Times]]:
    """Yields pod → what it has reached → when, by `time.monotonic`.

    The entry of the Deployment has the first moment of each number of wanted pods.
    """
    seen: dict[str, Times] = {}

    def note(found: dict[str, Any]) -> None:
        name, now = found["metadata"]["name"], time.monotonic()
        steps = (
            [f"{found['spec']['replicas']} {DECIDED}"]
            if found["kind"] == "Deployment"
            else reached(found)
        )
        for step in steps:
            seen.setdefault(name, {}).setdefault(step, now)

    with _objects(release, "pods", note), _objects(release, "deployments", note):
        wait_until(lambda: len(seen) > 1 and FULL_NAME in seen, SECONDS, "a watch of the pods")
        yield seen


@contextmanager
def _objects(release: Release, kind: str, note: Callable[[dict[str, Any]], None]) -> Iterator[None]:
    """Hands each object of a watch to `note` until the block ends."""
    command = [
        "kubectl", f"--namespace={release.namespace}", "get", kind, "--watch", "--output=json",
        "--selector=app.kubernetes.io/instance=demo",
    ]  # fmt: skip
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as watch:

        def read() -> None:
            decoder, text = json.JSONDecoder(), ""
            for line in watch.stdout or ():
                text += line
                if line.startswith("}"):  # the end of an object; kubectl indents what is inside
                    note(decoder.decode(text))
                    text = ""

        thread = threading.Thread(target=read, daemon=True)
        thread.start()
        try:
            yield
        finally:
            watch.terminate()
            thread.join(timeout=SECONDS)


@contextmanager
def first_metric(release: Release, least_millicores: float) -> Iterator[list[float]]:
    """Yields a list that gets one moment: when metrics-server first tells of that much CPU."""
    path = f"/apis/metrics.k8s.io/v1beta1/namespaces/{release.namespace}/pods"
    seen: list[float] = []
    ended = threading.Event()

    def poll() -> None:
        while not seen and not ended.wait(0.5):
            listed = json.loads(release.kubectl("get", f"--raw={path}"))["items"]
            used = [one["usage"]["cpu"] for pod in listed for one in pod["containers"]]
            if any(_millicores(each) >= least_millicores for each in used):
                seen.append(time.monotonic())

    thread = threading.Thread(target=poll, daemon=True)
    thread.start()
    try:
        yield seen
    finally:
        ended.set()
        thread.join(timeout=SECONDS)


def _millicores(quantity: str) -> float:
    """Kubernetes writes CPU in cores, or in thousandths, millionths or billionths of one."""
    units = {"n": 1e-6, "u": 1e-3, "m": 1.0}
    return (
        float(quantity[:-1]) * units[quantity[-1]]
        if quantity[-1] in units
        else 1e3 * float(quantity)
    )
