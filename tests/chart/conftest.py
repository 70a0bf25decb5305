"""Parametrizes tests over the chart's own value sets."""

import pytest

from tests.chart.manifests import Manifest, render
from tests.support.repository import CHART

VALUE_SETS = sorted((CHART / "ci").glob("*-values.yaml"))


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Runs a test with the argument `value_set` once for each ci/*-values.yaml."""
    if "value_set" in metafunc.fixturenames:
        if not VALUE_SETS:
            raise FileNotFoundError(f"no *-values.yaml in {CHART / 'ci'}")
        metafunc.parametrize("value_set", VALUE_SETS, ids=[path.name for path in VALUE_SETS])


@pytest.fixture(scope="session")
def default_manifests() -> list[Manifest]:
    return render()
