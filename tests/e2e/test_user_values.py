"""Everything that a user's values add works in the pods of one release.

They add an app as a file of `config.files`, environment variables, containers, volumes, a CronJob
and more objects. The app does not compress its answers.
"""

import json
import re
from typing import Any

import pytest

from cluster.release.names import image
from tests.e2e.conftest import Install
from tests.e2e.release import FULL_NAME, NAME, Release
from tests.support.waiting import wait_until

IMAGE = image("reference")
APP = """\
import json, os, pathlib

BODY = json.dumps({**os.environ, "waited": pathlib.Path("/shared/waited").read_text()})


async def app(scope, receive, send):
    assert scope["type"] == "http"
    headers = [(b"content-type", b"application/json")]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": BODY.ljust(4096).encode()})
"""
SIDECAR = """\
import signal, sys
signal.signal(signal.SIGTERM, lambda *_: sys.exit())
signal.pause()
"""
TIDY = """\
import os, pathlib, socket
found = socket.gethostbyname("old.example"), os.environ["PLAIN"], os.environ["GIVEN"]
assert found == ("192.0.2.1", "1000000", "from a map"), found
assert pathlib.Path("/etc/app/plain.py").exists()
"""
READ = "import urllib.request as r; print(r.urlopen('http://127.0.0.1:8000/').read().decode())"
SHARED = [{"name": "shared", "mountPath": "/shared"}]
VALUES: dict[str, Any] = {
    "app": "plain:app",
    "config": {"files": {"plain.py": APP}},
    "env": {"UVICORN_APP_DIR": "/etc/app", "PLAIN": 1000000},
    "extraEnv": [{"name": "NODE", "valueFrom": {"fieldRef": {"fieldPath": "spec.nodeName"}}}],
    "envFrom": [
        {"configMapRef": {"name": f"{NAME}-given"}},
        {"secretRef": {"name": f"{NAME}-given"}},
    ],
    "extraObjects": [
        {
            "apiVersion": "v1",
            "kind": kind,
            "metadata": {"name": "{{ .Release.Name }}-given"},
            **content,
        }
        for kind, content in {
            "ConfigMap": {"data": {"GIVEN": "from a map", "UVICORN_PORT": "1"}},
            "Secret": {"stringData": {"HIDDEN": "from a secret"}},
        }.items()
    ],
    "hostAliases": [{"ip": "192.0.2.1", "hostnames": ["old.example"]}],
    "volumes": [{"name": "shared", "emptyDir": {}}],
    "volumeMounts": SHARED,
    "initContainers": [
        {
            "name": "wait",
            "image": IMAGE,
            "command": ["python", "-c", "open('/shared/waited', 'w').write('yes')"],
            "volumeMounts": SHARED,
        }
    ],
    "sidecars": [{"name": "proxy", "image": IMAGE, "command": ["python", "-c", SIDECAR]}],
    "cronJobs": [
        {
            "name": "tidy",
            "schedule": "@yearly",
            "suspend": True,
            "command": ["python", "-c", TIDY],
        }
    ],
    "autoscaling": {"enabled": False},
    "replicaCount": 2,
    "drainSeconds": 1,
}


@pytest.fixture(scope="module")
def release(install: Install) -> Release:
    return install("user-values", values=VALUES)


def test_environment_of_every_kind_reaches_the_app(release: Release) -> None:
    pod = release.pods()[0]
    found = json.loads(release.exec_python(pod, READ))
    wanted = {
        "PLAIN": "1000000",
        "NODE": pod.obj["spec"]["nodeName"],
        "GIVEN": "from a map",
        "HIDDEN": "from a secret",
        "UVICORN_PORT": "8000",  # the chart's variable wins
    }
    assert wanted.items() <= found.items(), f"{pod.name} has {found}, wanted {wanted}"


def test_init_containers_and_sidecars_run_with_the_app(release: Release) -> None:
    for pod in release.pods():
        states = {s["name"]: s for s in pod.obj["status"]["initContainerStatuses"]}
        assert "running" in states["proxy"]["state"], f"{pod.name}: {states['proxy']}"
        assert "terminated" in states["wait"]["state"], f"{pod.name}: {states['wait']}"
        waited = json.loads(release.exec_python(pod, READ))["waited"]
        assert waited == "yes", f"{pod.name}: the init container wrote {waited!r}"


def test_pods_use_the_service_account_of_the_release_without_a_token(release: Release) -> None:
    script = "import os; print(os.path.exists('/var/run/secrets/kubernetes.io'))"
    for pod in release.pods():
        account = pod.obj["spec"]["serviceAccountName"]
        assert account == FULL_NAME, f"{pod.name} runs as {account}, wanted {FULL_NAME}"
        found = release.exec_python(pod, script).strip()
        assert found == "False", f"{pod.name}: has a token"


def test_an_app_without_gzip_is_compressed_and_passes_its_helm_test(release: Release) -> None:
    output = release.helm("test", NAME, "--timeout=60s")
    assert re.search(r"Phase:\s+Succeeded", output), f"helm test: {output}"


def test_a_cron_job_has_the_environment_and_files_of_the_app(release: Release) -> None:
    release.kubectl("create", "job", "now", f"--from=cronjob/{FULL_NAME}-tidy")

    def ended() -> dict[str, Any]:
        status: dict[str, Any] = (release.live("job", "now") or {})["status"]
        return status if {"succeeded", "failed"} & set(status) else {}

    status = wait_until(ended, 30, "the end of Job/now")
    log = release.kubectl("logs", "job/now")
    assert status.get("succeeded") == 1, f"Job/now: {status}, {log}"
