"""The rendered alerts, checked and evaluated by Prometheus' own promtool."""

import subprocess
from pathlib import Path

import pytest
import yaml

from tests.chart.manifests import one, render

CASES = Path(__file__).parent / "rules_test.yaml"
VALUES = {
    "metrics": {"prometheusRule": {"enabled": True, "latencyIgnoredRoutes": ["/stream"]}},
    "resources": {"limits": {"cpu": "1"}},
}


@pytest.fixture
def rules(tmp_path: Path) -> Path:
    path = tmp_path / "rules.yaml"
    path.write_text(yaml.safe_dump(one(render(VALUES), "PrometheusRule")["spec"]))
    return path


def promtool(*arguments: str | Path) -> str:
    done = subprocess.run(["promtool", *arguments], capture_output=True, text=True, check=False)
    said = done.stdout + done.stderr
    assert done.returncode == 0, f"promtool {arguments[:2]}: {said}"
    return said


def test_promtool_accepts_every_rule(rules: Path) -> None:
    said = promtool("check", "rules", "--lint=all", "--lint-fatal", rules)
    assert "14 rules found" in said, f"promtool check rules: {said}"


@pytest.mark.parametrize(
    ("name", "pod"),
    [
        ("demo-uvicorn", "demo-uvicorn-5d9c-x7k2p"),
        # Kubernetes cuts the part before the last five characters to 58.
        ("a" * 47, f"{'a' * 47}-5d9c6f7b8dx7k2p"),
        ("a" * 57, f"{'a' * 57}-x7k2p"),
        ("a" * 58, f"{'a' * 58}x7k2p"),
    ],
    ids=lambda text: str(len(text)),
)
def test_alerts_fire_exactly_when_they_should(tmp_path: Path, name: str, pod: str) -> None:
    rules, cases = tmp_path / "rules.yaml", tmp_path / CASES.name
    spec = one(render(VALUES | {"fullnameOverride": name}), "PrometheusRule")["spec"]
    rules.write_text(yaml.safe_dump(spec))
    series = CASES.read_text().replace("demo-uvicorn-5d9c-x7k2p", pod)
    cases.write_text(series.replace("demo-uvicorn", name))
    said = promtool("test", "rules", cases)
    assert "SUCCESS" in said, f"promtool test rules: {said}"


def test_promtool_notices_a_missing_alert(rules: Path) -> None:
    """The control: the same cases with rules whose alerts never fire."""
    rules.write_text(rules.read_text().replace("uvicorn_requests_total", "uvicorn_nothing_total"))
    cases = rules.parent / CASES.name
    cases.write_text(CASES.read_text())
    done = subprocess.run(
        ["promtool", "test", "rules", cases], capture_output=True, text=True, check=False
    )
    assert done.returncode != 0, f"promtool test rules passes on broken rules: {done.stdout}"
