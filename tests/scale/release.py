"""The release on the simulated nodes: the chart's defaults, except for the number of pods."""

import json
import time
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from tests.e2e.release import FULL_NAME, NAME
from tests.scale.cluster import helm, kubectl
from tests.scale.nodes import LABEL, LOAD, SELECTOR, ZONE_OF
from tests.support.repository import CHART

FEWEST, MOST = 10, 1000
VALUES: dict[str, Any] = {
    "nodeSelector": LABEL,
    "autoscaling": {"minReplicas": FEWEST, "maxReplicas": MOST},
}
DRAIN_SECONDS = 290
COLLISION = "the object has been modified"


def upgrade(namespace: str, values: Mapping[str, Any]) -> None:
    """Installs or upgrades, and waits for nothing."""
    options = [f"--set-json={name}={json.dumps(value)}" for name, value in values.items()]
    where = (f"--namespace={namespace}", "--create-namespace")
    helm("upgrade", "--install", NAME, str(CHART), *where, *options)


def remove(namespace: str) -> None:
    """Removes the release, and waits until its pods are gone."""
    helm("uninstall", NAME, f"--namespace={namespace}")
    kubectl("delete", "namespace", namespace, "--timeout=120s")


def burn(cores: str) -> None:
    """Lets each pod use this much CPU, as metrics-server sees it."""
    kubectl("annotate", "node", SELECTOR, "--overwrite", f"{LOAD}={cores}")


def roll_out(namespace: str) -> None:
    """Starts the replacement of every pod."""
    kubectl(f"--namespace={namespace}", "rollout", "restart", f"deployment/{FULL_NAME}")


def drain(nodes: list[str]) -> None:
    """Drains these nodes at the same time, each as a person does it, and waits until it is done."""
    with ThreadPoolExecutor(len(nodes)) as pool:
        for done in [pool.submit(_drain_node, node) for node in nodes]:
            done.result()


def _drain_node(node: str) -> None:
    """Runs `kubectl drain` again while evictions collide, because it stops at the first collision.

    Each eviction writes the budget's status. Several at once can have read the same version of it.
    """
    options = ("--ignore-daemonsets", "--delete-emptydir-data", f"--timeout={DRAIN_SECONDS}s")
    deadline = time.monotonic() + DRAIN_SECONDS
    while True:
        try:
            kubectl("drain", node, *options)
        except AssertionError as error:
            if COLLISION not in str(error) or time.monotonic() > deadline:
                raise
        else:
            return


def uncordon() -> None:
    """Lets all nodes take pods again."""
    kubectl("uncordon", *ZONE_OF)


def pods_that_must_stay(namespace: str) -> int:
    """What the PodDisruptionBudget demands now; zero without one."""
    listed = json.loads(kubectl(f"--namespace={namespace}", "get", "pdb", "--output=json"))
    return sum(int(one["status"]["desiredHealthy"]) for one in listed["items"])
