"""`helm template` as a function: values in, Kubernetes objects out."""

import functools
import json
import os
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from tests.support.repository import CHART

Manifest = dict[str, Any]

# Helm runs only for a moment, and collecting garbage early would take a third of that time.
HELM_ENV = os.environ | {"GOGC": "400"}
RELEASE = "demo"
FULL_NAME = "demo-uvicorn"


class RefusedError(Exception):
    """Helm does not render the values. The text is Helm's message."""


def render(
    values: Mapping[str, Any] | None = None,
    *,
    release: str = RELEASE,
    files: tuple[Path, ...] = (),
    kube_version: str | None = None,
    chart: Path = CHART,
) -> list[Manifest]:
    """Every object of the chart, including hooks. Raises RefusedError with Helm's message."""
    given = json.dumps(values or {}, sort_keys=True)
    text = _template(given, release, files, kube_version, chart)
    # The C loader, because parsing would otherwise take longer than rendering.
    return [manifest for manifest in yaml.load_all(text, Loader=yaml.CSafeLoader) if manifest]


@functools.cache
def _template(
    values: str, release: str, files: tuple[Path, ...], kube_version: str | None, chart: Path
) -> str:
    arguments = ["template", release, str(chart)]
    for file in files:
        arguments += ["--values", str(file)]
    if kube_version:
        arguments += ["--kube-version", kube_version]
    return helm([*arguments, "--values", "-"], values)


def helm(arguments: list[str], values: str) -> str:
    """The output of helm with these values on its standard input."""
    if shutil.which("helm") is None:
        raise RuntimeError("helm is not on PATH: run these tests with `make test-chart`.")
    done = subprocess.run(
        ["helm", *arguments],
        input=values,
        env=HELM_ENV,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        raise RefusedError(done.stderr.strip())
    return done.stdout


def of_kind(manifests: list[Manifest], kind: str) -> list[Manifest]:
    return [manifest for manifest in manifests if manifest["kind"] == kind]


def one(manifests: list[Manifest], kind: str) -> Manifest:
    """The only object of that kind that is not a hook."""
    found = [manifest for manifest in of_kind(manifests, kind) if not is_hook(manifest)]
    assert len(found) == 1, f"{kind}: wanted one, rendered {[title(m) for m in found]}"
    return found[0]


def is_hook(manifest: Manifest) -> bool:
    return "helm.sh/hook" in manifest["metadata"].get("annotations", {})


def title(manifest: Manifest) -> str:
    return f"{manifest['kind']}/{manifest['metadata']['name']}"


def pod_of(manifests: list[Manifest]) -> Manifest:
    """The Deployment's pod template."""
    pod: Manifest = one(manifests, "Deployment")["spec"]["template"]
    return pod


def app_of(manifests: list[Manifest]) -> Manifest:
    """The app's container."""
    containers = pod_of(manifests)["spec"]["containers"]
    found = [container for container in containers if container["name"] == "app"]
    assert len(found) == 1, f"container app: wanted one, rendered {len(found)}"
    app: Manifest = found[0]
    return app


def env_of(manifests: list[Manifest]) -> dict[str, Any]:
    """The app's environment, name to value (or to the valueFrom object)."""
    entries = app_of(manifests)["env"]
    names = [entry["name"] for entry in entries]
    assert len(names) == len(set(names)), f"Deployment: a variable appears twice in {names}"
    return {entry["name"]: entry.get("value", entry.get("valueFrom")) for entry in entries}


def pods_of(manifests: list[Manifest]) -> list[tuple[str, Manifest]]:
    """Every pod spec of the chart with its owner's title, including hooks."""
    return [(owner, pod["spec"]) for owner, pod in pod_templates(manifests)]


def pod_templates(manifests: list[Manifest]) -> list[tuple[str, Manifest]]:
    """Every pod with its metadata and its owner's title."""
    paths: dict[str, list[str]] = {
        "Pod": [],
        "Deployment": ["spec", "template"],
        "Job": ["spec", "template"],
        "CronJob": ["spec", "jobTemplate", "spec", "template"],
    }
    found = []
    for manifest in manifests:
        if manifest["kind"] in paths:
            pod = functools.reduce(dict.__getitem__, paths[manifest["kind"]], manifest)
            found.append((title(manifest), pod))
    return found
