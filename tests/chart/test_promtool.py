"""The rendered alerts and panels, checked and evaluated by Prometheus' own promtool."""

import json
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
    assert "16 rules found" in said, f"promtool check rules: {said}"


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


def panels() -> list[dict[str, str]]:
    """The query of every panel as a recording rule, with Grafana's variables filled in."""
    values = {"metrics": {"dashboard": {"enabled": True}}}
    (text,) = one(render(values), "ConfigMap")["data"].values()
    text = text.replace("$workload", "demo-uvicorn").replace("$namespace", "default")
    return [
        {
            "record": f"panel:{panel['title'].lower().replace(' ', '_')}:{target['refId']}",
            "expr": target["expr"].replace("$__rate_interval", "5m"),
        }
        for panel in json.loads(text)["panels"]
        for target in panel["targets"]
    ]


def test_promtool_accepts_the_query_of_every_panel(tmp_path: Path) -> None:
    rules = tmp_path / "panels.yaml"
    rules.write_text(yaml.safe_dump({"groups": [{"name": "panels", "rules": panels()}]}))
    said = promtool("check", "rules", "--lint=all", "--lint-fatal", rules)
    assert f"{len(panels())} rules found" in said, f"promtool check rules: {said}"


@pytest.mark.parametrize(
    ("panel", "series", "value"),
    [
        (
            "memory_of_the_limit",
            {
                'container_memory_working_set_bytes{container="app",id="/a"': "60x20",
                'container_memory_working_set_bytes{container="sidecar",id="/b"': "90x20",
                'container_memory_working_set_bytes{container="",id="/c"': "150x20",
                'kube_pod_container_resource_limits{container="app",resource="memory"': "80x20",
                'kube_pod_container_resource_limits{container="app",resource="cpu"': "1x20",
            },
            0.75,
        ),
        (
            "restarts",
            {
                'kube_pod_container_status_restarts_total{container="app",uid="d"': "0x9 1x4 2x9",
                'kube_pod_container_status_restarts_total{container="sidecar",uid="d"': "0+1x20",
            },
            2,
        ),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_panel_joins_the_metrics_of_kubernetes(
    tmp_path: Path, panel: str, series: dict[str, str], value: float
) -> None:
    pod = "demo-uvicorn-5d9c-x7k2p"
    (expr,) = (rule["expr"] for rule in panels() if rule["record"] == f"panel:{panel}:A")
    wanted = [{"labels": f'{{pod="{pod}"}}', "value": value}]
    case = {
        "interval": "1m",
        "input_series": [
            {"series": f'{name},namespace="default",pod="{pod}"}}', "values": values}
            for name, values in series.items()
        ],
        "promql_expr_test": [{"expr": expr, "eval_time": "20m", "exp_samples": wanted}],
    }
    path = tmp_path / "panel.yaml"
    path.write_text(yaml.safe_dump({"tests": [case]}))
    said = promtool("test", "rules", path)
    assert "SUCCESS" in said, f"panel {panel}: {said}"
