"""Resources: the requests, and the memory limit that follows them."""

from typing import Any

import pytest

from tests.chart.manifests import FULL_NAME, app_of, render

DISK = {"requests": {"ephemeral-storage": "64Mi"}, "limits": {"ephemeral-storage": "512Mi"}}


def wanted(requests: dict[str, str], limits: dict[str, str]) -> dict[str, dict[str, str]]:
    """Resources with these entries and the defaults for ephemeral storage."""
    return {"requests": DISK["requests"] | requests, "limits": DISK["limits"] | limits}


@pytest.mark.parametrize(
    ("values", "resources"),
    [
        ({}, wanted({"cpu": "250m", "memory": "128Mi"}, {"memory": "128Mi"})),
        (
            {"requests": {"cpu": "300m", "memory": "256Mi"}},
            wanted({"cpu": "300m", "memory": "256Mi"}, {"memory": "256Mi"}),
        ),
        (
            {"limits": {"cpu": "1", "memory": "192Mi"}},
            wanted({"cpu": "250m", "memory": "128Mi"}, {"cpu": "1", "memory": "192Mi"}),
        ),
        (
            {"requests": {"ephemeral-storage": "1Gi"}, "limits": {"ephemeral-storage": "2Gi"}},
            wanted(
                {"cpu": "250m", "memory": "128Mi", "ephemeral-storage": "1Gi"},
                {"memory": "128Mi", "ephemeral-storage": "2Gi"},
            ),
        ),
    ],
    ids=["default", "requests", "limits", "other"],
)
def test_memory_limit_is_the_request_unless_set(
    values: dict[str, Any], resources: dict[str, Any]
) -> None:
    found = app_of(render({"resources": values}))["resources"]
    assert found == resources, f"Deployment/{FULL_NAME}: {found}, wanted {resources}"


def test_empty_quantity_is_left_out() -> None:
    nothing = {"cpu": "", "memory": "", "ephemeral-storage": ""}
    values = {
        "autoscaling": {"enabled": False},
        "resources": {"requests": nothing, "limits": nothing},
    }
    found = app_of(render(values))["resources"]
    assert found == {"requests": {}, "limits": {}}, f"Deployment/{FULL_NAME}: {found}"


def test_cpu_may_be_a_number() -> None:
    found = app_of(render({"resources": {"requests": {"cpu": 0.5}}}))["resources"]["requests"]
    assert found["cpu"] == "0.5", f"Deployment/{FULL_NAME}: cpu {found['cpu']}, wanted 0.5"
