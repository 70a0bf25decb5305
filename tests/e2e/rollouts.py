"""Rollouts of a release under the prober's load."""

from collections.abc import Callable

from tests.e2e.release import FULL_NAME, Release
from tests.support.prober import Tally, probing

MOST_ROLLOUTS = 20  # in the ten minutes that the prober runs at most


def probe_rollouts(
    release: Release, is_enough: Callable[[int, Tally], bool], port: int | None = None
) -> tuple[int, Tally]:
    """Replaces every pod, as a new version does, until `is_enough(rollouts, tally)` is true.

    The requests go to `port`, for example that of a proxy, or else to that of the release. Returns
    the number of rollouts and what became of the requests.
    """
    port = port or release.port
    assert port is not None, f"the release in {release.namespace} has no port"
    with probing(port) as tally:
        for number in range(1, MOST_ROLLOUTS + 1):
            release.kubectl("rollout", "restart", f"deployment/{FULL_NAME}")
            release.kubectl("rollout", "status", f"deployment/{FULL_NAME}", "--timeout=120s")
            if is_enough(number, tally):
                break
    return number, tally
