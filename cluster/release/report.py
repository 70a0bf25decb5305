"""The end of `make up`: print the app's address, its pods, and the effect of gzip."""

import http.client
import time

from cluster import kind
from cluster.common.errors import ClusterError
from cluster.release.names import APP_URL, HOST, NAMESPACE, PORT, RELEASE

ANSWER_SECONDS = 60
PATH = "/catalog"


def show() -> None:
    """Print the report. Raises ClusterError if the app does not answer in ANSWER_SECONDS."""
    plain, compressed = _wait_for_bytes()
    pods = kind.kubectl(
        "get", "pods", f"--namespace={NAMESPACE}",
        f"--selector=app.kubernetes.io/instance={RELEASE}", "--output=wide",
    )  # fmt: skip
    print(f"\n{APP_URL}\n")
    print(_without_last_columns(pods or "no pods"))
    print(
        f"\ngzip on {PATH}: {plain:,} → {compressed:,} bytes, {plain / compressed:.1f} times less"
    )


def _without_last_columns(table: str) -> str:
    """Return kubectl's wide table up to the node. The rest is about scheduling."""
    lines = table.splitlines()
    width = lines[0].find("NOMINATED")
    return "\n".join(line[:width].rstrip() if width > 0 else line for line in lines)


def _wait_for_bytes() -> tuple[int, int]:
    deadline = time.monotonic() + ANSWER_SECONDS
    while True:
        try:
            return _body_bytes("identity"), _body_bytes("gzip")
        except (OSError, http.client.HTTPException) as error:
            if time.monotonic() > deadline:
                raise ClusterError(
                    f"{APP_URL}{PATH} did not answer within {ANSWER_SECONDS} s ({error}): look for "
                    f"the reason with `kubectl --namespace {NAMESPACE} get pods,events`."
                ) from error
            time.sleep(0.5)


def _body_bytes(encoding: str) -> int:
    connection = http.client.HTTPConnection(HOST, PORT, timeout=10)
    try:
        connection.request("GET", PATH, headers={"Accept-Encoding": encoding})
        response = connection.getresponse()
        body = response.read()
        if response.status != 200:
            raise OSError(f"status {response.status}")
        return len(body)
    finally:
        connection.close()
