"""A null in a later values file removes a key, also a key that only an earlier file has."""

import json
import subprocess
from pathlib import Path

import pytest
import yaml

from tests.chart.everything import EVERYTHING
from tests.chart.manifests import HELM_ENV, RELEASE, Manifest
from tests.chart.test_schema import FREE
from tests.chart.trees import Tree, merged, tree
from tests.support.repository import CHART

HELMS = ("helm3", "helm4")
# The first has no template that reads it. The chart refuses the other two keys with any content.
UNREAD = {"global", "lifecycle.preStop"}
MAPS = sorted(FREE - UNREAD)
# Keys that belong to the chart but have no default.
WITHOUT_DEFAULT: Tree = {
    "lifecycle": {"postStart": {"sleep": {"seconds": 4711}}},
    "autoscaling": {"behavior": {"scaleUp": {"tolerance": "0.4711"}}},
}


def marker(name: str) -> str:
    """A key that only this map has."""
    return f"sentinel{MAPS.index(name)}"


def with_markers(value: str | None) -> Tree:
    return tree({f"{name}.{marker(name)}": value for name in MAPS})


def rendered(program: str, folder: Path, *files: Tree) -> list[Manifest]:
    """The objects of a release with these values files, the last of which wins."""
    options = ["--kube-version=1.37.0"]
    for number, values in enumerate(files):
        path = folder / f"{number}.yaml"
        path.write_text(json.dumps(values))
        options.append(f"--values={path}")
    done = subprocess.run(
        [program, "template", RELEASE, str(CHART), *options],
        env=HELM_ENV,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, f"{program} does not render: {done.stderr[-2000:]}"
    return [found for found in yaml.load_all(done.stdout, Loader=yaml.CSafeLoader) if found]


def maps_that_show(manifests: list[Manifest]) -> set[str]:
    """The maps whose marker is in what is rendered."""
    text = json.dumps(manifests)
    return {name for name in MAPS if f'"{marker(name)}"' in text}


def test_the_two_sets_show_every_map(tmp_path: Path) -> None:
    """The control: without the null, each map's marker is rendered."""
    shown: set[str] = set()
    for values in list(EVERYTHING.values())[:2]:
        shown |= maps_that_show(rendered("helm4", tmp_path, values, with_markers("1")))
    assert shown == set(MAPS), f"never rendered: {sorted(set(MAPS) - shown)}"


@pytest.mark.parametrize("program", HELMS)
@pytest.mark.parametrize("name", list(EVERYTHING)[:2])
def test_null_removes_the_key_of_an_earlier_file(name: str, program: str, tmp_path: Path) -> None:
    values = EVERYTHING[name]
    found = rendered(program, tmp_path, values, with_markers("1"), with_markers(None))
    left = maps_that_show(found)
    assert not left, f"{program}: null did not remove the key of {sorted(left)}"
    wanted = rendered(program, tmp_path, values)
    assert found == wanted, f"{program}: null renders other objects than a missing key"


@pytest.mark.parametrize("program", HELMS)
def test_null_removes_a_key_that_values_yaml_does_not_have(program: str, tmp_path: Path) -> None:
    nulls = {
        "lifecycle": {"postStart": None},
        "autoscaling": {"behavior": {"scaleUp": {"tolerance": None}}},
    }
    plain = rendered(program, tmp_path)
    before = rendered(program, tmp_path, WITHOUT_DEFAULT)
    after = rendered(program, tmp_path, WITHOUT_DEFAULT, nulls)
    assert before != plain, f"{program}: {WITHOUT_DEFAULT} changes nothing"
    assert after == plain, f"{program}: null left a part of {WITHOUT_DEFAULT}"


@pytest.mark.parametrize("program", HELMS)
def test_null_removes_what_would_be_refused(program: str, tmp_path: Path) -> None:
    refused = {
        "env": {"WEB_CONCURRENCY": "4", "SHOP": "x"},
        "extraEnv": [{"name": "SHOP", "value": "y"}],
        "lifecycle": {"preStop": {"exec": {"command": ["x"]}}},
        "podLabels": {"app.kubernetes.io/name": "x"},
    }
    nulls = {
        "env": {"WEB_CONCURRENCY": None, "SHOP": None},
        "lifecycle": {"preStop": None},
        "podLabels": {"app.kubernetes.io/name": None},
    }
    found = rendered(program, tmp_path, refused, nulls)
    wanted = rendered(program, tmp_path, {"extraEnv": refused["extraEnv"]})
    assert found == wanted, f"{program}: null does not remove the keys of {refused}"


def test_null_leaves_the_values_of_the_parent_chart(tmp_path: Path) -> None:
    """`global` is shared with other charts, which may tell null from a missing key."""
    show = {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {"name": "x"},
        "data": {"global": "{{ toJson .Values.global }}"},
    }
    values = merged({"extraObjects": [show]}, {"global": {"region": None}})
    found = rendered("helm4", tmp_path, values)
    (data,) = [found["data"] for found in found if found["metadata"]["name"] == "x"]
    shared = json.loads(data["global"])
    assert shared.get("region", "removed") is None, f"global is {data}"
