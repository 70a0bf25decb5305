"""What the tests of KEDA need to know about a release that it scales."""

from tests.e2e.release import FULL_NAME, Release

HPA = f"{FULL_NAME}-keda"


def follows_requests(release: Release) -> bool:
    """Whether KEDA's HPA has read the requests in flight and the CPU."""
    status = (release.live("hpa", HPA) or {}).get("status", {})
    active = {c["type"]: c["status"] for c in status.get("conditions", [])}.get("ScalingActive")
    return active == "True" and len(status.get("currentMetrics") or []) == 2
