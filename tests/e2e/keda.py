"""What the tests of KEDA need to know about a release that it scales."""

import json
from typing import Any

from tests.e2e.release import FULL_NAME, Release
from tests.support.metrics_text import total
from tests.support.waiting import wait_until

HPA = f"{FULL_NAME}-keda"
DEMAND = "uvicorn_requests_demand"


def follows_requests(release: Release) -> bool:
    """Whether KEDA's HPA has read the requests in flight and the CPU."""
    status = _status(release)
    active = {c["type"]: c["status"] for c in status.get("conditions", [])}.get("ScalingActive")
    return active == "True" and len(status.get("currentMetrics") or []) == 2


def wait_for_one_pod(release: Release, timeout_seconds: float, what: str) -> None:
    """Waits until one pod is ready.

    At the deadline raises TimeoutError, which says what the HPA has read and each pod's demand.
    """
    try:
        wait_until(lambda: release.ready_pods() == 1, timeout_seconds, what)
    except TimeoutError as error:
        raise TimeoutError(f"{error}; {_why(release)}") from error


def _status(release: Release) -> dict[str, Any]:
    hpa = release.live("hpa", HPA) or {}
    return dict(hpa.get("status", {}))


def _why(release: Release) -> str:
    demands = {pod.name: total(release.metrics(pod), DEMAND) for pod in release.pods()}
    return f"{DEMAND}: {demands}; status of hpa/{HPA}: {json.dumps(_status(release))}"
