"""A second `make up` changes nothing, and neither does one with invalid values."""

import json
import os
import subprocess
import time
from pathlib import Path

import pytest

from tests.support.commands import run
from tests.support.repository import ROOT

pytestmark = pytest.mark.quiet

AGAIN_SECONDS = 15


def make_up(**env: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["make", "-s", "up"],
        capture_output=True,
        text=True,
        check=False,
        cwd=ROOT,
        timeout=300,
        env={**os.environ, **env},
    )


def state() -> dict[str, object]:
    """What a second `make up` must not change: the nodes, the release's revision, its pods' kind.

    Not the number of pods: that is the HPA's.
    """
    namespace = "--namespace=uvicorn"
    sets = json.loads(run("kubectl", namespace, "get", "replicasets", "--output=json"))["items"]
    status = json.loads(run("helm", namespace, "status", "uvicorn", "--output=json"))
    nodes = json.loads(run("kubectl", "get", "nodes", "--output=json"))["items"]
    return {
        "pods are made from": sorted(s["metadata"]["uid"] for s in sets if s["spec"]["replicas"]),
        "revision": status["version"],
        "nodes": sorted(node["metadata"]["uid"] for node in nodes),
    }


@pytest.fixture(scope="module", autouse=True)
def _up() -> None:
    done = make_up()
    assert done.returncode == 0, f"make up: exit {done.returncode}: {done.stdout}{done.stderr}"


def test_make_up_prints_the_url_the_pods_and_what_gzip_does() -> None:
    said = make_up().stdout
    for part in ("http://127.0.0.1:8080", "Running", "gzip on /catalog: "):
        assert part in said, f"make up did not print {part!r}: {said}"


def test_a_second_make_up_changes_nothing_and_is_quick() -> None:
    before = state()
    start = time.monotonic()
    done = make_up()
    seconds = time.monotonic() - start
    assert done.returncode == 0, done.stderr
    assert state() == before
    assert "[1/" not in done.stdout, f"it had something to do: {done.stdout}"
    assert seconds <= AGAIN_SECONDS, f"{seconds:.1f} s, wanted at most {AGAIN_SECONDS}"


@pytest.mark.parametrize(
    ("values", "named"),
    [
        ("replicas: 3", "additional properties 'replicas' not allowed"),
        ("drainSeconds: soon", "drainSeconds"),
        ("env: {WEB_CONCURRENCY: 4}", "WEB_CONCURRENCY"),
    ],
)
def test_values_that_cannot_be_are_refused_and_the_release_stays(
    tmp_path: Path, values: str, named: str
) -> None:
    file = tmp_path / "values.yaml"
    file.write_text(values)
    before = state()
    done = make_up(VALUES=str(file))
    said = done.stderr.partition("error: ")[2]
    assert done.returncode != 0, f"make up took {values!r}"
    assert done.stderr.count("error: ") == 1, f"wanted one error: {done.stderr}"
    assert named in said, f"{named!r} is not in {said!r}"
    assert state() == before


def test_environment_reaches_the_release() -> None:
    script = 'eval "$(make -s env)" && curl -fsS --max-time 10 "$APP_URL/"'
    who = json.loads(run("bash", "-c", f"cd {ROOT} && {script}"))
    assert who["pod"].startswith("uvicorn-"), f"/ says {who}"
