"""The commands of three pages for operators work on a release, and show what the pages say.

One shell runs each block. Names that a reader replaces are replaced, and what needs a terminal, a
second one or another registry runs without it. Before a block, the release gets what it looks for.
"""

import os
import re
import shutil
import subprocess
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import yaml

from cluster.release.names import VERSION, image
from tests.e2e.conftest import Install
from tests.e2e.release import NAME, Release, node_port
from tests.support.http_client import LOST, get
from tests.support.load import load
from tests.support.repository import CHART, ROOT
from tests.support.serving import free_port
from tests.support.waiting import wait_until

PORT = 8088
SECONDS = 240
APP = """\
import os
import time

from fastapi import FastAPI
from reference.main import app as reference

app = FastAPI()


@app.get("/error")
async def error():
    raise ValueError("a mistake")


@app.get("/block")
async def block():
    wait()


def wait():
    time.sleep(0.8)


@app.get("/end")
async def end():
    os._exit(1)


app.mount("/", reference)
"""
BLOCKING, CALLING = (
    APP.splitlines().index(f"    {line}") + 1 for line in ("time.sleep(0.8)", "wait()")
)
VALUES: dict[str, Any] = {
    "app": "operated:app",
    "config": {"files": {"operated.py": APP}},
    "env": {"UVICORN_APP_DIR": "/etc/app", "PYTHONPATH": "/app"},
    "resources": {"requests": {"cpu": "100m"}},
    "autoscaling": {"minReplicas": 1, "maxReplicas": 1},
    "drainSeconds": 1,
    "overload": {"maxWaitSeconds": 0.1},
}
BACKGROUND = "trap 'kill $(jobs -p) 2>/dev/null || true' EXIT\n"
PAGES = tuple(ROOT / "docs" / f"{name}.md" for name in ("operations", "tuning", "your-image"))
# Waits, because kubectl shows only what a container prints after it has attached itself.
IN_POD = "-- python -c 'import time; time.sleep(3); print(open(\"/proc/1/cmdline\").read())'"


def fail(release: Release) -> None:
    """Lets a handler raise an exception."""
    release.get("/error")


def block(release: Release) -> None:
    """Blocks the event loop."""
    release.get("/block")


def overload(release: Release) -> None:
    """Lets requests wait for too long."""
    with load(release.port or 0, "/work?ms=200", 16) as tally:
        wait_until(lambda: tally["503"], 30, f"{release.namespace}: a refused request")
    (pod,) = release.pods()
    what = f"{release.namespace}: a line about the overload"  # at most one in each second
    wait_until(lambda: "Overloaded:" in release.kubectl("logs", pod.name), 20, what)


def restart(release: Release) -> None:
    """Ends the app's process with the exit code 1."""
    with suppress(*LOST):
        release.get("/end")
    wait_until(release.answers, 60, f"{release.namespace}: a restarted pod answers")


def give_up(release: Release) -> None:
    """Leaves before the answer."""
    with suppress(*LOST):
        get(release.port or 0, "/slow?seconds=1", 0.5)
    (pod,) = release.pods()
    what = f"{release.namespace}: a line of the request that its client gave up"
    wait_until(lambda: '"status":499' in release.kubectl("logs", pod.name), 20, what)


def nothing(_release: Release) -> None:
    """The block needs nothing."""


@dataclass(frozen=True)
class Way:
    """How a block is tried: what happens before, what is replaced, and what it must print."""

    printed: str
    """A regular expression."""
    before: Callable[[Release], None] = nothing
    replaced: dict[str, str] = field(default_factory=dict)


OPTIONS = f'upgrade my-app "$CHART" --version {VERSION} --values my-app.yaml'
UPGRADE = f"helm {OPTIONS} --atomic"
BY_BOTH = f"helm3 {OPTIONS} --atomic --timeout 15m\nhelm4 {OPTIONS} --rollback-on-failure"

# The first words of a block → how it is tried, in the order of the pages.
WAYS = {
    "kubectl config set-context": Way("modified"),
    'kubectl logs --selector "$PODS" --tail=-1 --since=15m | jq': Way("ValueError", fail),
    "kubectl logs POD --since=1h | jq": Way(
        rf"1 wait < /etc/app/operated\.py:{BLOCKING} wait < /etc/app/operated\.py:{CALLING} block$",
        block,
    ),
    "kubectl describe hpa my-app-uvicorn  # with KEDA: my-app-uvicorn-keda\nkubectl logs": Way(
        r"Reference: +Deployment/demo-uvicorn[\s\S]*Overloaded:", overload
    ),
    'kubectl get pod POD --output jsonpath=\'{.status.containerStatuses[?(@.name=="app")].last': (
        Way(r'"exitCode":1[\s\S]*Uvicorn running[\s\S]*Started', restart)
    ),
    "kubectl describe hpa my-app-uvicorn  # with KEDA: my-app-uvicorn-keda\nkubectl get": Way(
        r"Reference: +Deployment/demo-uvicorn[\s\S]*NODE[\s\S]*Running"
    ),
    "kubectl port-forward": Way(
        "ok",
        replaced={
            "POD 9000": "POD $FREE_PORT:9000 &",
            "curl": "curl --retry 20 --retry-delay 1 --retry-all-errors",
            ":9000/": ":$FREE_PORT/",
        },
    ),
    "kubectl exec POD -- python -c 'import socket": Way(
        r"<socket\.socket .*raddr=", replaced={'("database", 5432)': '("demo-uvicorn", 80)'}
    ),
    "kubectl debug": Way(
        "uvicorn-pod",
        replaced={
            "--stdin --tty": "--attach",
            "--image=busybox": f"--image={image('reference')}",
            "--profile=restricted": f"--profile=restricted {IN_POD}",
        },
    ),
    "CHART=": Way(
        r"has been upgraded[\s\S]*has been upgraded[\s\S]*Succeeded",
        replaced={"oci://ghcr.io/uvicorn-pod/charts/uvicorn": str(CHART), UPGRADE: BY_BOTH},
    ),
    "helm history": Way(r"superseded[\s\S]*deployed[\s\S]*Rollback was a success"),
    "helm list": Way(r"uvicorn-\d+\.\d+\.\d+[\s\S]*\d+\.\d+\.\d+"),
    'kubectl logs --selector "$PODS" --tail=-1 --since=1h | jq': Way(r"^\d+(?:\.\d+)?$", give_up),
    "kubectl logs POD --follow": Way(
        r"Draining",
        replaced={"// .path]'": "// .path]' &", "kubectl delete": "sleep 2; kubectl delete"},
    ),
    'kubectl get pod POD --output jsonpath=\'{.status.containerStatuses[?(@.name=="app")].state': (
        Way(r"20\d\d-\d\d-\d\dT\S+Z 20\d\d-\d\d-\d\dT\S+Z\[\]")
    ),
    "kubectl --namespace shop create secret docker-registry": Way("secret/registry-credentials"),
    "cat /etc/ssl": Way("configmap/private-ca created"),
}
# Needs the builder of Docker 23 and newer, which not every machine has. `make up` builds its own
# images with such a secret.
NOT_RUN = "docker build --secret"


def blocks() -> list[str]:
    """Returns the commands of all pages."""
    pattern = re.compile(r"^```sh\n(.*?)^```$", re.MULTILINE | re.DOTALL)
    found = [block for page in PAGES for block in pattern.findall(page.read_text())]
    return [block for block in found if not block.startswith(NOT_RUN)]


def way_of(commands: str) -> str:
    """Returns the key of the way in which a block is tried."""
    found = [start for start in WAYS if commands.startswith(start)]
    assert len(found) == 1, f"{len(found)} ways for {commands!r}, wanted one"
    return found[0]


@pytest.fixture(scope="module")
def release(install: Install) -> Release:
    return install("operated", PORT, values=VALUES)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a kubeconfig that the first block changes, and the release's values."""
    if shutil.which("jq") is None:
        pytest.fail("jq is missing: install the package jq of your distribution.", pytrace=False)
    folder = tmp_path_factory.mktemp("operator")
    shutil.copy(os.environ["KUBECONFIG"], folder / "kubeconfig")
    service = {"type": "NodePort", "nodePort": node_port(PORT)}
    (folder / "my-app.yaml").write_text(yaml.safe_dump(VALUES | {"service": service}))
    shutil.copy("/etc/ssl/certs/ca-certificates.crt", folder / "private-ca.crt")
    return folder


def test_every_block_is_tried_once() -> None:
    tried = [way_of(block) for block in blocks()]
    assert sorted(tried) == sorted(WAYS), f"tried {tried}"


@pytest.mark.parametrize("commands", blocks(), ids=lambda commands: commands[:40])
def test_commands_work_and_show_what_the_page_says(
    commands: str, release: Release, folder: Path
) -> None:
    way = WAYS[way_of(commands)]
    way.before(release)
    (pod,) = release.pods()
    script = commands
    for old, new in way.replaced.items():
        assert old in script, f"the block has no {old!r}: {script}"
        script = script.replace(old, new)
    selector = blocks()[0].splitlines()[1]
    script, selector = (re.sub(r"my-app(?!\.yaml)", NAME, text) for text in (script, selector))
    script = re.sub(r"\bPOD\b", pod.name, script)
    script = re.sub(r"(--namespace[= ])shop\b", rf"\1{release.namespace}", script)
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", f"{BACKGROUND}{selector}\n{script}"],
        capture_output=True,
        text=True,
        check=False,
        cwd=folder,
        timeout=SECONDS,
        env=os.environ | {"KUBECONFIG": str(folder / "kubeconfig"), "FREE_PORT": str(free_port())},
    )
    said = f"{script}\n{done.stdout}{done.stderr}"
    assert done.returncode == 0, f"exit {done.returncode} of {said}"
    assert re.search(way.printed, done.stdout + done.stderr, re.MULTILINE), (
        f"{way.printed!r}: {said}"
    )
