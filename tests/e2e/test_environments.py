"""Every environment installs, and the cluster runs the manifests that the chart renders for it."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.conftest import Install
from tests.e2e.release import FULL_NAME, NAME, Release
from tests.support.repository import CHART

ENVIRONMENTS = sorted((CHART / "environments").glob("*.yaml"))
if not ENVIRONMENTS:
    raise FileNotFoundError(f"no *.yaml in {CHART / 'environments'}")

Leaf = tuple[str, tuple[str | int, ...]]


def leaves(value: object, path: tuple[str | int, ...] = ()) -> Iterator[tuple[Leaf, object]]:
    """Yields every leaf of an object with its title, the first part of its path, and the rest.

    An empty map or list is a leaf too.
    """
    if isinstance(value, dict) and value:
        for key, inner in value.items():
            yield from leaves(inner, (*path, key))
    elif isinstance(value, list) and value:
        for position, inner in enumerate(value):
            yield from leaves(inner, (*path, position))
    else:
        yield (str(path[0]), path[1:]), value


def by_title(manifests: list[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    return {f"{m['kind']}/{m['metadata']['name']}": m for m in manifests}


def at(value: Any, path: tuple[str | int, ...]) -> object:  # noqa: ANN401 - any JSON
    for part in path:
        try:
            value = value[part]
        except (KeyError, IndexError, TypeError):
            return None
    return value


@pytest.fixture(scope="module", params=ENVIRONMENTS, ids=lambda path: path.name)
def environment(request: pytest.FixtureRequest, install: Install) -> Release:
    file: Path = request.param
    return install(file.stem, files=(file,))


def test_each_override_of_an_environment_reaches_the_cluster(environment: Release) -> None:
    plain = Release(environment.client, environment.namespace)
    before = by_title(plain.render())
    after = by_title(environment.render())
    default = dict(leaves(before))
    overridden = [(leaf, value) for leaf, value in leaves(after) if default.get(leaf) != value]
    removed = sorted(before.keys() - after.keys())
    assert overridden or removed, f"{environment.files}: no override"

    for (title, path), wanted in overridden:
        kind, name = title.split("/")
        found = at(environment.live(kind, name), path)
        assert found == wanted, f"{title}: {'.'.join(map(str, path))} is {found}, wanted {wanted}"
    for title, path in [leaf for leaf in default if leaf not in dict(leaves(after))]:
        if title in after:
            kind, name = title.split("/")
            found = at(environment.live(kind, name), path)
            assert found is None, f"{title}: {'.'.join(map(str, path))} is {found}, wanted none"
    for title in removed:
        kind, name = title.split("/")
        assert environment.live(kind, name) is None, f"{title} exists, wanted none"


def test_live_pods_have_the_rendered_requests_and_probes(environment: Release) -> None:
    deployment = by_title(environment.render())[f"Deployment/{FULL_NAME}"]
    (rendered,) = deployment["spec"]["template"]["spec"]["containers"]
    parts = ["resources", "startupProbe", "readinessProbe", "livenessProbe"]
    assert rendered["resources"]["requests"]["cpu"], "Deployment: no CPU request is rendered"
    pods = environment.pods()
    assert pods, f"no pods in {environment.namespace}"
    for pod in pods:
        live = pod.obj["spec"]["containers"][0]
        for part in parts:
            assert rendered[part], f"Deployment/{FULL_NAME}: renders no {part}"
            for (_, path), wanted in leaves({part: rendered[part]}):
                found = at(live[part], path)
                assert found == wanted, (
                    f"Pod/{pod.name}: {part}.{'.'.join(map(str, path))} is {found}, "
                    f"rendered {wanted}"
                )


def test_environments_pass_their_helm_test(environment: Release) -> None:
    output = environment.helm("test", NAME, "--timeout=120s")
    assert "Phase:" in output, f"helm test in {environment.namespace} ran no test: {output}"
    assert "Failed" not in output, f"helm test in {environment.namespace}: {output}"
