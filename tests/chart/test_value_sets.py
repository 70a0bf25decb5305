"""ci/*-values.yaml, which include the environments that users install."""

from pathlib import Path
from typing import Any

import pytest

from tests.chart.manifests import app_of, env_of, of_kind, one, render
from tests.support.repository import CHART

ENVIRONMENTS = ["dev", "staging", "prod"]
# CPU that the test cluster's two real cores can reserve next to the system's own pods.
MILLICORES_AT_MOST = 1200


def environment(name: str) -> Path:
    return CHART / "environments" / f"{name}.yaml"


def test_environments_are_these_three() -> None:
    found = sorted(path.stem for path in (CHART / "environments").glob("*.yaml"))
    assert found == sorted(ENVIRONMENTS), f"environments {found}, wanted {ENVIRONMENTS}"


@pytest.mark.parametrize("name", ENVIRONMENTS)
def test_value_set_of_an_environment_links_to_its_file(name: str) -> None:
    link = CHART / "ci" / f"{name}-values.yaml"
    target = link.readlink() if link.is_symlink() else None
    assert target == Path(f"../environments/{name}.yaml"), f"{link.name}: links to {target}"


def test_there_are_at_most_seven_value_sets() -> None:
    found = sorted(path.name for path in (CHART / "ci").iterdir())
    assert 0 < len(found) <= 7, f"{len(found)} value sets: each costs ct 15 s; wanted at most 7"


def test_fewest_pods_of_a_value_set_fit_the_test_cluster(value_set: Path) -> None:
    manifests = render(files=(value_set,))
    hpas = of_kind(manifests, "HorizontalPodAutoscaler")
    pods = (hpas[0] if hpas else one(manifests, "Deployment"))["spec"]
    count = pods["minReplicas"] if hpas else pods["replicas"]
    request = app_of(manifests)["resources"]["requests"]["cpu"]
    assert request.endswith("m"), f"{value_set.name}: CPU request {request}, wanted millicores"
    total = count * int(request.removesuffix("m"))
    assert total <= MILLICORES_AT_MOST, f"{value_set.name}: {count} pods ask for {total}m"


@pytest.mark.parametrize(
    ("name", "wanted"),
    [
        ("dev", {"scaling": 1, "cpu": "100m", "memory": "128Mi", "budgets": 0, "log": "debug"}),
        ("staging", {"scaling": (2, 4), "cpu": "200m", "memory": "128Mi", "budgets": 1}),
        ("prod", {"scaling": (3, 20), "cpu": "300m", "memory": "256Mi", "budgets": 1}),
    ],
)
def test_environment_differs_as_the_readme_says(name: str, wanted: dict[str, Any]) -> None:
    manifests = render(files=(environment(name),))
    hpas = [hpa["spec"] for hpa in of_kind(manifests, "HorizontalPodAutoscaler")]
    resources = app_of(manifests)["resources"]
    found = {
        "scaling": (
            (hpas[0]["minReplicas"], hpas[0]["maxReplicas"])
            if hpas
            else one(manifests, "Deployment")["spec"]["replicas"]
        ),
        "cpu": resources["requests"]["cpu"],
        "memory": resources["limits"]["memory"],
        "budgets": len(of_kind(manifests, "PodDisruptionBudget")),
        "log": env_of(manifests).get("UVICORN_LOG_LEVEL"),
    }
    assert found == {"log": None} | wanted, f"{name}: {found}, wanted {wanted}"
