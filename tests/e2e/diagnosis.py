"""The evidence that a person looks at first when a test on the cluster fails."""

import json
import subprocess

LONGEST = 20_000
LINES = 50  # of each container's log


def describe_namespace(namespace: str) -> str:
    """Events, objects, pods and every container's logs; never raises, as it follows a failure.

    The pods of Jobs and of `helm test` are included, as are the logs of a container before its
    restart.
    """
    parts = [
        ("events", ["get", "events", "--sort-by=.lastTimestamp"]),
        ("objects", ["get", "all,hpa,pdb,cronjobs", "--output=wide"]),
        ("pods", ["describe", "pods"]),
    ]
    for pod, container, restarts in _containers(namespace):
        logs = ["logs", pod, f"--container={container}", f"--tail={LINES}"]
        parts.append((f"logs of {pod}/{container}", logs))
        if restarts:
            parts.append((f"logs of {pod}/{container} before its restart", [*logs, "--previous"]))
    return "\n".join(f"--- {title}\n{_kubectl(namespace, command)}" for title, command in parts)


def _containers(namespace: str) -> list[tuple[str, str, int]]:
    """(pod, container, restarts) of every container that has started."""
    try:
        pods = json.loads(_kubectl(namespace, ["get", "pods", "--output=json"], longest=None))
    except ValueError:
        return []
    return [
        (pod["metadata"]["name"], status["name"], status["restartCount"])
        for pod in pods["items"]
        for kind in ("initContainerStatuses", "containerStatuses")
        for status in pod["status"].get(kind, [])
        if status.get("containerID")
    ]


def _kubectl(namespace: str, command: list[str], *, longest: int | None = LONGEST) -> str:
    try:
        done = subprocess.run(
            ["kubectl", f"--namespace={namespace}", *command],
            capture_output=True, text=True, check=False, timeout=30,
        )  # fmt: skip
    except (OSError, subprocess.TimeoutExpired) as error:
        return str(error)
    said = done.stdout + done.stderr
    return said if longest is None else said[-longest:]
