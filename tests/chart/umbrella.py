"""Many value sets in one run of Helm: as the subcharts of one parent chart, under an alias each.

Starting Helm costs more than rendering the chart, so that 500 single renders would take a minute
and 500 subcharts take seconds. Helm treats a subchart as it treats a chart: the same values,
schema and templates.
"""

import json
import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from tests.chart.manifests import HELM_ENV, RELEASE, Manifest
from tests.support.repository import CHART

SETS_PER_RUN = 50
KUBERNETES = "1.37.0"  # each version of Helm has a default of its own
PARTS = ["values.yaml", "values.schema.json", "templates", "files"]
SEPARATOR = re.compile(r"^---\n", re.MULTILINE)
SOURCE = re.compile(r"^# Source: umbrella/charts/(set\d+)/", re.MULTILINE)
FAULTS = re.compile(r"^(set\d+):\n((?:[ -].*\n?)+)", re.MULTILINE)
# Helm 4 and Helm 3.
SAID = re.compile(r'funcMap fail" message="?((?:[^"\\\n]|\\.)*)|\[INFO\] Fail: (.*)')
MARK = "this is set"
# All refusals are called for by the Deployment (a test holds that); the other is for the marks.
REFUSING = ("deployment.yaml", "extraobjects.yaml")

ValueSet = dict[str, Any]


def rendered(
    sets: Sequence[ValueSet],
    version: str = "0.1.0",
    *,
    templates: tuple[str, ...] = ("*",),
    program: str = "helm",
    kube_version: str = KUBERNETES,
) -> list[list[Manifest]]:
    """The objects of each set; AssertionError with what Helm says when one does not render.

    `version` is the chart's and the app's, for those who ask what an upgrade changes; `templates`,
    patterns of file names, saves rendering the others; `kube_version` is the one to render for.
    """
    found: list[list[Manifest]] = []
    for batch in batches(sets):
        done = _helm("template", batch, version, templates, program, kube_version)
        assert done.returncode == 0, f"a valid set does not render: {done.stderr[-2000:]}"
        objects: dict[str, list[Manifest]] = {_alias(number): [] for number in range(len(batch))}
        for document in SEPARATOR.split(done.stdout):
            if source := SOURCE.search(document):
                manifest = yaml.load(document, Loader=yaml.CSafeLoader)
                objects[source[1]] += [manifest] if manifest else []
        found += objects.values()
    return found


def schema_refusals(sets: Sequence[ValueSet], program: str = "helm") -> Iterator[str]:
    """What `helm template` says of each set that its schema refuses; empty where it says nothing.

    Helm checks every subchart before it stops, and says which one each fault is in.
    """
    for batch in batches(sets):
        done = _helm("template", batch, templates=REFUSING, program=program)
        faults = dict(FAULTS.findall(done.stderr))
        yield from (faults.get(_alias(number), "") for number in range(len(batch)))


def template_refusals(sets: Sequence[ValueSet], program: str = "helm") -> Iterator[str]:
    """The first sentence with which a template refuses each set; empty where none does.

    `helm template` stops at the first `fail`; `helm lint` reports it and goes on. An object that
    fails too, rendered before the chart's own, says in that report which set comes next.
    """
    for batch in batches(sets):
        marked = [
            values | {"extraObjects": [f'{{{{ fail "{MARK} {_alias(number)}" }}}}']}
            for number, values in enumerate(batch)
        ]
        sentences: dict[str, str] = {}
        alias, seen = "", 0
        done = _helm("lint", marked, templates=REFUSING, program=program)
        for of_four, of_three in SAID.findall(done.stderr):
            said = of_three or of_four.replace('\\"', '"')
            if said.startswith(MARK):
                alias, seen = said.rpartition(" ")[2], seen + 1
            else:
                sentences.setdefault(alias, said)
        assert seen == len(batch), f"lint rendered {seen} of {len(batch)} sets: {done.stdout}"
        yield from (sentences.get(_alias(number), "") for number in range(len(batch)))


def batches(sets: Sequence[ValueSet]) -> Iterator[Sequence[ValueSet]]:
    assert sets, "no value sets to try"
    for start in range(0, len(sets), SETS_PER_RUN):
        yield sets[start : start + SETS_PER_RUN]


def _alias(number: int) -> str:
    return f"set{number:02d}"


def _helm(
    command: str,
    sets: Sequence[ValueSet],
    version: str = "0.1.0",
    templates: tuple[str, ...] = ("*",),
    program: str = "helm",
    kube_version: str = KUBERNETES,
) -> subprocess.CompletedProcess[str]:
    values = {_alias(number): values for number, values in enumerate(sets)}
    parent = Path(_parent(len(sets), version, templates).name) / "umbrella"
    names = [RELEASE, str(parent)] if command == "template" else [str(parent)]
    return subprocess.run(
        [program, command, *names, f"--kube-version={kube_version}", "--values", "-"],
        input=json.dumps(values),
        env=HELM_ENV,
        capture_output=True,
        text=True,
        check=False,
    )


@cache
def _parent(
    count: int, version: str, templates: tuple[str, ...]
) -> tempfile.TemporaryDirectory[str]:
    """A parent chart with so many aliases of the chart; removed when Python ends."""
    folder = tempfile.TemporaryDirectory(prefix="umbrella-")
    parent = Path(folder.name) / "umbrella"
    child = parent / "charts" / "uvicorn"
    child.mkdir(parents=True)
    (parent / "templates").mkdir()  # without one, `helm lint` renders nothing
    for part in PARTS:
        copy = shutil.copytree if (CHART / part).is_dir() else shutil.copy
        copy(CHART / part, child / part)
    for file in (child / "templates").rglob("*.yaml"):
        if not any(file.match(pattern) for pattern in templates):
            file.unlink()
    meta = yaml.safe_load((CHART / "Chart.yaml").read_text())
    (child / "Chart.yaml").write_text(
        yaml.safe_dump(meta | {"version": version, "appVersion": version})
    )
    dependencies = [
        {"name": "uvicorn", "version": version, "repository": "", "alias": _alias(number)}
        for number in range(count)
    ]
    chart = {"apiVersion": "v2", "name": "umbrella", "version": "1.0.0"}
    (parent / "Chart.yaml").write_text(yaml.safe_dump(chart | {"dependencies": dependencies}))
    return folder
