"""Termination: the grace period is the sum of its steps, with every runtime."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.chart.manifests import app_of, pod_of, render
from tests.support.repository import CHART

TIMES = {"drainSeconds": 101, "lifespanSeconds": 37, "uvicorn": {"timeoutGracefulShutdown": 1009}}
OTHER = {"startup": {"path": "/"}, "readiness": {"path": "/"}}


@pytest.mark.parametrize(
    ("values", "seconds"),
    [
        ({}, 41),
        (TIMES, 101 + 1009 + 37 + 5),
        (TIMES | {"runtime": "uvicorn", "probes": OTHER}, 101 + 1009 + 37 + 5),
    ],
    ids=["default", "set", "set, plain uvicorn"],
)
def test_grace_period_is_drain_plus_shutdown_plus_lifespan_plus_five(
    values: dict[str, Any], seconds: int
) -> None:
    found = pod_of(render(values))["spec"]["terminationGracePeriodSeconds"]
    assert found == seconds, f"Deployment: grace {found}, wanted {seconds}"


def test_grace_period_is_the_sum_in_every_value_set(value_set: Path) -> None:
    defaults = yaml.safe_load((CHART / "values.yaml").read_text())
    values = yaml.safe_load(value_set.read_text()) or {}
    uvicorn = defaults["uvicorn"] | values.get("uvicorn", {})
    wanted = 5 + uvicorn["timeoutGracefulShutdown"]
    wanted += sum((defaults | values)[name] for name in ("drainSeconds", "lifespanSeconds"))
    found = pod_of(render(files=(value_set,)))["spec"]["terminationGracePeriodSeconds"]
    assert found == wanted, f"Deployment: grace {found}, wanted {wanted}"


def test_runtime_that_drains_by_itself_has_no_pre_stop() -> None:
    app = app_of(render())
    assert "lifecycle" not in app, f"Deployment: lifecycle {app['lifecycle']}, wanted none"


@pytest.mark.parametrize("runtime", ["uvicorn", "image"])
def test_other_runtimes_drain_by_a_native_sleep(runtime: str) -> None:
    found = app_of(render(TIMES | {"runtime": runtime, "probes": OTHER}))["lifecycle"]
    wanted = {"preStop": {"sleep": {"seconds": 101}}}
    assert found == wanted, f"Deployment: lifecycle {found}, wanted {wanted}"


def test_drain_of_zero_seconds_renders_no_sleep() -> None:
    app = app_of(render({"runtime": "uvicorn", "probes": OTHER, "drainSeconds": 0}))
    assert "lifecycle" not in app, f"Deployment: lifecycle {app['lifecycle']}, wanted none"


def test_users_post_start_is_kept_next_to_the_sleep() -> None:
    start = {"postStart": {"sleep": {"seconds": 9}}}
    values = TIMES | {"runtime": "image", "probes": OTHER, "lifecycle": start}
    found = app_of(render(values))["lifecycle"]
    wanted = start | {"preStop": {"sleep": {"seconds": 101}}}
    assert found == wanted, f"Deployment: lifecycle {found}, wanted {wanted}"
