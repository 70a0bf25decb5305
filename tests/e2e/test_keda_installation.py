"""KEDA runs after `python3 -m cluster keda`, which changes nothing when it runs again."""

import json
import os
import subprocess
import sys
import time

import pytest

from cluster.keda.installation import DEPLOYMENTS, METRICS_API, NAMESPACE
from tests.support.commands import run
from tests.support.repository import ROOT

pytestmark = pytest.mark.quiet

AGAIN_SECONDS = 15


def install_keda() -> tuple[str, float]:
    """What the command prints, and the seconds it takes."""
    start = time.monotonic()
    done = subprocess.run(
        [sys.executable, "-m", "cluster", "keda"],
        capture_output=True,
        text=True,
        check=False,
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        timeout=300,
    )
    assert done.returncode == 0, f"cluster keda: exit {done.returncode}: {done.stderr}"
    return done.stdout, time.monotonic() - start


def state() -> dict[str, object]:
    """What a second installation must not change: the Deployments and their pods."""
    namespace = f"--namespace={NAMESPACE}"
    listed = {
        kind: json.loads(run("kubectl", namespace, "get", kind, "--output=json"))["items"]
        for kind in ("deployments", "pods")
    }
    deployments = {
        item["metadata"]["name"]: item["metadata"]["generation"] for item in listed["deployments"]
    }
    assert sorted(deployments) == sorted(DEPLOYMENTS), f"Deployments in keda: {deployments}"
    return {**deployments, "pods": sorted(item["metadata"]["uid"] for item in listed["pods"])}


def test_external_metrics_are_served() -> None:
    service = json.loads(run("kubectl", "get", "apiservice", METRICS_API, "--output=json"))
    found = {one["type"]: one["status"] for one in service["status"]["conditions"]}
    assert found.get("Available") == "True", f"APIService/{METRICS_API}: {found}"


def test_a_second_installation_changes_nothing_and_is_quick() -> None:
    before = state()
    printed, seconds = install_keda()
    assert state() == before
    assert "[1/" not in printed, f"it had something to do: {printed}"
    assert seconds <= AGAIN_SECONDS, f"{seconds:.1f} s, wanted at most {AGAIN_SECONDS}"
