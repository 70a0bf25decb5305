"""Helm 3 and Helm 4 render the same objects, and refuse the same values in the same words.

Helm 4 is the `helm` on PATH. Helm 3 is `helm3`, and no tool of `make up`: without it these are
skipped. `go install helm.sh/helm/v3/cmd/helm@v3.22.0` builds it.
"""

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.chart.manifests import CHART, RELEASE
from tests.chart.test_properties import DRAWN
from tests.chart.test_refusals import REFUSALS
from tests.chart.valid_values import valid_sets

pytestmark = pytest.mark.skipif(
    shutil.which("helm3") is None, reason="helm3 is not on PATH: see this file's first lines"
)


def template(
    program: str, values: dict[str, Any], *files: Path
) -> subprocess.CompletedProcess[str]:
    """Both believe to speak to the same Kubernetes, as each has a default of its own."""
    arguments = ["template", RELEASE, str(CHART), "--kube-version=1.37.0", "--values=-"]
    arguments += [f"--values={file}" for file in files]
    return subprocess.run(
        [program, *arguments],
        input=json.dumps(values),
        capture_output=True,
        text=True,
        check=False,
    )


def objects(text: str) -> dict[tuple[str, str], Any]:
    found = [item for item in yaml.load_all(text, Loader=yaml.CSafeLoader) if item]
    named = {(item["kind"], item["metadata"]["name"]): item for item in found}
    assert len(named) == len(found), "two objects of one name"
    return named


def test_the_two_are_of_two_major_versions() -> None:
    said = [
        subprocess.run([name, "version", "--short"], capture_output=True, text=True, check=True)
        for name in ("helm3", "helm")
    ]
    found = [done.stdout.strip()[:2] for done in said]
    assert found == ["v3", "v4"], f"helm3 and helm are {found}"


def test_both_render_the_same_objects(value_set: Path) -> None:
    rendered = [template(program, {}, value_set) for program in ("helm3", "helm")]
    three, four = (objects(done.stdout) for done in rendered)
    assert three, f"{value_set.name}: Helm 3 renders nothing: {rendered[0].stderr}"
    assert three.keys() == four.keys(), f"differ in {three.keys() ^ four.keys()}"
    for name, found in three.items():
        assert found == four[name], f"{name}: Helm 3 renders {found}, Helm 4 {four[name]}"


def test_both_render_the_same_objects_of_drawn_sets() -> None:
    for values in valid_sets(DRAWN)[::27]:
        rendered = [template(program, values) for program in ("helm3", "helm")]
        three, four = (objects(done.stdout) for done in rendered)
        assert three, f"Helm 3 renders nothing of {values}: {rendered[0].stderr}"
        assert three == four, f"Helm 3 and 4 differ on {values}"


@pytest.mark.parametrize("case", REFUSALS)
def test_both_refuse_what_cannot_work(case: str) -> None:
    values, said = REFUSALS[case]
    for program in ("helm3", "helm"):
        done = template(program, values)
        assert done.returncode != 0, f"{program} renders {values}"
        for piece in (piece for piece in said if not piece.startswith("want ")):
            assert piece in done.stderr, f"{program}: said {done.stderr}, wanted {piece!r}"
