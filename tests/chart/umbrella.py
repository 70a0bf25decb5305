"""Renders many value sets in one run of Helm, each as a subchart of one parent chart.

Starting Helm costs more than rendering the chart: 500 renders take a minute, and 500 subcharts take
seconds. Helm treats a subchart like a chart, with the same values, schema and templates.
"""

import ast
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
KUBERNETES = "1.37.0"  # each version of Helm has another default
PARTS = ["values.yaml", "values.schema.json", "templates", "files"]
SEPARATOR = re.compile(r"^---\n", re.MULTILINE)
SOURCE = re.compile(r"^# Source: umbrella/charts/(set\d+)/", re.MULTILINE)
FAULTS = re.compile(r"^(set\d+):\n((?:[ -].*\n?)+)", re.MULTILINE)
# How `helm lint` reports the text of a `fail`.
HELM_4_FAIL = re.compile(r'funcMap fail" message=("(?:[^"\\\n]|\\.)*")')
HELM_3_FAIL = re.compile(
    r"^\w+\.go:\d+: \[INFO\] Fail: (.*?)(?=^\w+\.go:\d+: |^Error: |\Z)", re.MULTILINE | re.DOTALL
)
MARK = "this is set"
# Helm renders this file just before refuse.tpl, which stands in the same folder.
MARK_FILE = "refusals/start.tpl"

ValueSet = dict[str, Any]


def rendered(
    sets: Sequence[ValueSet],
    version: str = "0.1.0",
    *,
    templates: tuple[str, ...] = ("*",),
    program: str = "helm",
    kube_version: str = KUBERNETES,
) -> list[list[Manifest]]:
    """The objects of each set; AssertionError with Helm's message if a set does not render.

    `version` is that of the chart and the app, for tests of upgrades. `templates` are patterns of
    file names: other objects are not rendered, which saves time.
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
    """The message of `helm template` for each set that the schema refuses; empty for other sets.

    Helm checks every subchart before it stops, and says which subchart has which fault.
    """
    for batch in batches(sets):
        done = _helm("template", batch, templates=(), program=program)
        faults = dict(FAULTS.findall(done.stderr))
        yield from (faults.get(_alias(number), "") for number in range(len(batch)))


def template_refusals(sets: Sequence[ValueSet], program: str = "helm") -> Iterator[list[str]]:
    """The sentences with which the chart refuses each set; empty for a valid set.

    `helm template` stops at the first `fail`, but `helm lint` reports it and continues. A template
    that also fails is rendered first and names the set that comes next.
    """
    for batch in batches(sets):
        found: dict[str, list[str]] = {}
        alias = ""
        done = _helm("lint", batch, templates=(), program=program)
        for message in _fail_messages(done.stderr):
            if message.startswith(MARK):
                alias = message.split()[-1]
                found[alias] = []
            else:
                assert not found[alias], f"{alias}: a second error after {found[alias]}: {message}"
                found[alias] = message.strip().splitlines()
        wanted = [_alias(number) for number in range(len(batch))]
        assert sorted(found) == wanted, f"lint rendered {len(found)} sets: {done}"
        yield from (found[alias] for alias in wanted)


def _fail_messages(log: str) -> list[str]:
    # Go quotes a text as Python does.
    of_four = [str(ast.literal_eval(text)) for text in HELM_4_FAIL.findall(log)]
    return of_four or HELM_3_FAIL.findall(log)


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
    folder = _parent(len(sets), version, templates, has_marks=command == "lint")
    parent = Path(folder.name) / "umbrella"
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
    count: int, version: str, templates: tuple[str, ...], *, has_marks: bool
) -> tempfile.TemporaryDirectory[str]:
    """A parent chart with this many aliases of the chart; removed when Python ends."""
    folder = tempfile.TemporaryDirectory(prefix="umbrella-")
    parent = Path(folder.name) / "umbrella"
    child = parent / "charts" / "uvicorn"
    child.mkdir(parents=True)
    (parent / "templates").mkdir()  # without this folder, `helm lint` renders nothing
    for part in PARTS:
        copy = shutil.copytree if (CHART / part).is_dir() else shutil.copy
        copy(CHART / part, child / part)
    for file in (child / "templates").rglob("*.yaml"):
        if not any(file.match(pattern) for pattern in templates):
            file.unlink()
    if has_marks:
        mark = f'{{{{ fail (printf "{MARK} %s" .Chart.Name) }}}}'
        (child / "templates" / MARK_FILE).write_text(mark)
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
