"""Somebody else's app, in somebody else's image, runs under the chart with nothing but values.

The values are those of docs/existing-image.md, except for the image's name and shorter times.
"""

import json
import re
import subprocess
from dataclasses import replace
from typing import Any

import pytest
import yaml

from tests.e2e.cluster_image import TAG, ClusterImage
from tests.e2e.conftest import Install
from tests.e2e.release import FULL_NAME, Release
from tests.support.http_client import Client
from tests.support.prober import probing
from tests.support.repository import ROOT
from tests.support.waiting import wait_until

PORT = 8086
PAGE = ROOT / "docs" / "existing-image.md"
ON_UVICORN, AS_IMAGE = re.findall(
    r"^```yaml\n(# datasette.*?)^```$", PAGE.read_text(), re.MULTILINE | re.DOTALL
)
# A query that outlasts the drain, so that SIGTERM comes while it runs.
LONG = ON_UVICORN.replace("4000", "9000")
IMAGE = ClusterImage(
    "existing-image",
    ROOT / "tests" / "e2e" / "existing_image_build" / "Dockerfile",
    (ROOT / "requirements" / "existing-image.txt",),
)
HERE: dict[str, Any] = {
    "image": {"repository": IMAGE.repository, "tag": TAG},
    "autoscaling": {"enabled": False},
    "replicaCount": 2,
    "lifespanSeconds": 2,
}
# Datasette ends it after `sql_time_limit_ms`, on any machine, and answers with what it has to say.
ENDLESS = "with recursive n(x) as (select 1 union all select x + 1 from n) select count(*) from n"
SLOW = f"/_memory.json?sql={ENDLESS.replace(' ', '+').replace('+++', '+%2B+')}"
END_SECONDS = 60


def values(page: str) -> dict[str, Any]:
    return dict(yaml.safe_load(page)) | HERE


def time_limit_of(release: Release) -> int:
    """A setting of the app's, in milliseconds, as a request to its Service finds it."""
    return int(json.loads(release.get("/-/settings.json").body)["sql_time_limit_ms"])


def in_its_pod(release: Release, script: str) -> str:
    return release.exec_python(release.pods()[0], script).strip()


@pytest.fixture(scope="module")
def release(install: Install) -> Release:
    IMAGE.provide()
    return install("existing-image", PORT, values=values(LONG))


def test_the_image_holds_nothing_of_ours(release: Release) -> None:
    found = in_its_pod(release, "import importlib.util as i; print(i.find_spec('uvicorn_pod'))")
    assert found == "None", f"{IMAGE.reference} holds uvicorn_pod: {found}"


def test_its_app_answers_through_the_service(release: Release) -> None:
    answer = json.loads(release.get("/-/versions.json").body)
    assert answer["asgi"] == "3.0", f"Datasette says {answer}"
    command = in_its_pod(release, "print(open('/proc/1/cmdline').read())")
    assert command.strip("\0").endswith("uvicorn\0serve:app"), f"process 1 is {command!r}"
    loaded = in_its_pod(release, "print(open('/proc/1/maps').read())")
    for library in ("uvloop", "httptools"):
        assert library in loaded, f"process 1 has not loaded {library}"
    said = release.helm("test", "demo", "--timeout=120s")
    assert "Succeeded" in said, f"helm test: {said}"


def test_sigterm_lets_it_finish_what_it_does(release: Release) -> None:
    pods = [pod.name for pod in release.pods()]
    logs = [
        subprocess.Popen(
            ["kubectl", f"--namespace={release.namespace}", "logs", "--follow", pod],
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        )
        for pod in pods
    ]  # fmt: skip
    with Client(PORT, END_SECONDS) as client:
        client.send(SLOW)
        release.kubectl("delete", "pods", "--wait=false", *pods)
        answer = client.receive()
    body = answer.body.decode()
    assert "took too long" in body, f"status {answer.status}: {body[:300]}"
    said = [log.communicate(timeout=END_SECONDS)[0] for log in logs]
    for pod, text in zip(pods, said, strict=True):
        assert "Finished server process" in text, f"Pod/{pod} was killed: {text[-2000:]}"
    (served,) = [text for text in said if "/_memory.json" in text]
    ended, answered = served.index("Shutting down"), served.index("/_memory.json")
    assert ended < answered, f"SIGTERM came after the answer: {served[-2000:]}"
    wait_until(lambda: len(release.pods()) == HERE["replicaCount"], END_SECONDS, "new pods")
    release.kubectl("rollout", "status", f"deployment/{FULL_NAME}", f"--timeout={END_SECONDS}s")


def test_a_changed_value_rolls_it_over_without_a_gap(release: Release) -> None:
    # kube-proxy may still send requests to pods that the test before has deleted.
    wait_until(lambda: all(release.answers() for _ in range(20)), 30, "twenty answers in a row")
    before = {pod.name for pod in release.pods()}
    with probing(PORT, "/-/versions.json", kept=0, fresh=2) as tally:
        replace(release, values=values(ON_UVICORN.replace("4000", "3000"))).install()
        # A request could be lost when an old pod closes its port, which is after the rollout.
        ended = [f"pod/{name}" for name in before]
        release.kubectl("wait", "--for=delete", f"--timeout={END_SECONDS}s", *ended)
    # A pod that is ending answers until every node's kube-proxy has heard of it.
    wait_until(lambda: time_limit_of(release) == 3000, 30, "the changed value being what answers")
    assert not before & {pod.name for pod in release.pods()}, f"pods of before: {before}"
    assert tally.answered, "no request was sent during the update"
    assert not tally.lost, f"answers during the update: {tally}"


def test_its_own_command_runs_too(release: Release) -> None:
    replace(release, values=values(AS_IMAGE)).install()
    command = in_its_pod(release, "print(open('/proc/1/cmdline').read())").split("\0")
    assert "serve" in command, f"process 1 is {command}"
    wait_until(lambda: time_limit_of(release) == 1000, 30, "its own command being what answers")
