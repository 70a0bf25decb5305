"""What a person would look at first when a test on the cluster fails."""

import subprocess

LONGEST = 20_000


def describe_namespace(namespace: str) -> str:
    """Events, objects and logs of a namespace; never raises, as it runs after a failure."""
    parts = [
        ("events", ["get", "events", "--sort-by=.lastTimestamp"]),
        ("objects", ["get", "all,hpa,pdb", "--output=wide"]),
        ("pods", ["describe", "pods"]),
        ("logs", ["logs", "--selector=app.kubernetes.io/name=uvicorn", "--prefix", "--tail=50"]),
    ]
    return "\n".join(f"--- {title}\n{_kubectl(namespace, command)}" for title, command in parts)


def _kubectl(namespace: str, command: list[str]) -> str:
    try:
        done = subprocess.run(
            ["kubectl", f"--namespace={namespace}", *command],
            capture_output=True, text=True, check=False, timeout=30,
        )  # fmt: skip
    except (OSError, subprocess.TimeoutExpired) as error:
        return str(error)
    return (done.stdout + done.stderr)[-LONGEST:]
