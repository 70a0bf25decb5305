"""The chart refuses values that cannot work: one sentence for each mistake, and all at once."""

import re
import subprocess
from typing import Any

import pytest
import yaml

from tests.chart.manifests import RefusedError, env_of, render
from tests.chart.refusals.containers_and_volumes import sidecar_on
from tests.chart.refusals.environment import CHART_VARIABLES
from tests.chart.refusals.refusal import UVICORN, Refusal
from tests.chart.refusals.scaling import hpa
from tests.chart.refusals.table import PARTS, REFUSALS
from tests.chart.trees import Tree, merged, tree
from tests.chart.umbrella import rendered, template_refusals
from tests.support.repository import CHART

HELMS = ("helm3", "helm4")
FOLDER = CHART / "templates" / "refusals"
# Independent of each other, in the order of the parts, each with its sentence.
SEVEN_MISTAKES: dict[str, Any] = {
    "image": {"tag": 1.10},
    "uvicorn": {"host": "::1"},
    "autoscaling": {"minReplicas": 11},
    "resources": {"requests": {"memory": "2Gi"}, "limits": {"memory": "1Gi"}},
    "ingress": {"enabled": True},
    "metrics": {"podMonitor": {"enabled": True}, "serviceMonitor": {"enabled": True}},
    "volumes": [{"name": "tmp"}],
}
SEVEN_SENTENCES = """
image.tag (1.1) is a number, which may differ from what you wrote (1.10 becomes 1.1): \
quote it, or use --set-string image.tag=….
uvicorn.host (::1) is a loopback address, which neither the Service nor the probes can reach: \
use 0.0.0.0, or :: for IPv6.
autoscaling.minReplicas (11) is above autoscaling.maxReplicas (10): \
raise the maximum or lower the minimum.
resources.requests.memory (2Gi) is above resources.limits.memory (1Gi): \
lower the request or raise the limit.
ingress.hosts is empty, but ingress.enabled is true: \
name a host, or set ingress.enabled to false.
metrics.podMonitor.enabled and metrics.serviceMonitor.enabled are both true, so every pod would \
be scraped and counted twice: keep one of them.
volumes[0] is called tmp, which is the name of a volume of the chart: choose another.
""".strip().splitlines()


def error_of(program: str, values: Tree) -> list[str]:
    """The lines of the error with which `helm template` stops; the first says where."""
    done = subprocess.run(
        [program, "template", "demo", str(CHART), "--values", "-"],
        input=yaml.safe_dump(values),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode != 0, f"{program} renders {values}"
    # Helm appends a hint about --debug after an empty line.
    return done.stderr.partition("\n\n")[0].strip().splitlines()


@pytest.mark.parametrize("program", HELMS)
def test_seven_mistakes_give_seven_sentences_in_one_error(program: str) -> None:
    where, *sentences = error_of(program, SEVEN_MISTAKES)
    assert where.startswith("Error: execution error at (uvicorn/templates/refusals/"), where
    assert sentences == SEVEN_SENTENCES


@pytest.mark.parametrize("program", HELMS)
@pytest.mark.parametrize("name", SEVEN_MISTAKES)
def test_one_of_the_seven_mistakes_gives_its_sentence_only(program: str, name: str) -> None:
    """The control of the seven: no sentence depends on another mistake."""
    number = list(SEVEN_MISTAKES).index(name)
    _, *sentences = error_of(program, {name: SEVEN_MISTAKES[name]})
    assert sentences == [SEVEN_SENTENCES[number]]


@pytest.mark.parametrize("program", HELMS)
def test_refusals_come_before_the_error_of_another_template(program: str) -> None:
    broken = {"extraObjects": ['{{ fail "sentinel" }}']}
    assert error_of(program, broken)[0].endswith("sentinel")
    _, *sentences = error_of(program, SEVEN_MISTAKES | broken)
    assert sentences == SEVEN_SENTENCES


@pytest.mark.parametrize("program", HELMS)
def test_a_line_break_in_a_value_does_not_split_its_sentence(program: str) -> None:
    _, *sentences = error_of(program, {"uvicorn": {"forwardedAllowIps": "10.0.0.1,\n*"}})
    assert len(sentences) == 1, f"one mistake, but {sentences}"
    assert sentences[0].startswith("uvicorn.forwardedAllowIps (10.0.0.1, *)"), sentences[0]


@pytest.fixture(scope="module")
def sentences_of() -> dict[str, list[str]]:
    """The sentences of each mistake in the defaults, by the mistake's name."""
    sentences = template_refusals([mistake({}) for mistake in REFUSALS])
    return dict(zip([mistake.name for mistake in REFUSALS], sentences, strict=True))


@pytest.mark.parametrize("mistake", REFUSALS, ids=lambda mistake: mistake.name)
def test_mistake_gives_its_one_sentence(
    mistake: Refusal, sentences_of: dict[str, list[str]]
) -> None:
    fault = mistake.fault_of(sentences_of[mistake.name])
    assert not fault, fault


@pytest.mark.parametrize("part", PARTS)
def test_template_stops_with_the_sentence_that_lint_reports(
    part: str, sentences_of: dict[str, list[str]]
) -> None:
    """The control of `template_refusals`, which reads the sentences from `helm lint`."""
    mistake = PARTS[part][0]
    with pytest.raises(RefusedError) as refusal:
        render(mistake({}))
    lines = str(refusal.value).splitlines()
    assert sentences_of[mistake.name][0] in lines, f"template says {lines}"


def templates_of(part: str) -> list[str]:
    """The sentences of a part's file as regular expressions.

    Without those about the cluster: test_kubernetes_versions.py and test_keda.py cover them.
    """
    text = (FOLDER / f"_{part}.tpl").read_text()
    found = re.findall(r'^- \{\{ (?:printf )?"((?:[^"\\]|\\.)*)"', text, re.MULTILINE)
    assert len(found) == text.count("\n- "), f"_{part}.tpl: found only {found}"
    return [
        ".*".join(map(re.escape, re.split(r"%[-.0-9]*[a-z]", sentence.replace("%%", "%"))))
        for sentence in (text.replace('\\"', '"') for text in found)
        if "needs Kubernetes" not in sentence and "the cluster has no" not in sentence
    ]


def test_every_part_has_its_file() -> None:
    files = {path.stem.removeprefix("_") for path in FOLDER.glob("_*.tpl")}
    assert files == set(PARTS), (
        f"{FOLDER.name}/ and refusals/table.py differ in {files ^ set(PARTS)}"
    )


@pytest.mark.parametrize("part", PARTS)
def test_every_sentence_of_the_templates_has_a_mistake(
    part: str, sentences_of: dict[str, list[str]]
) -> None:
    said = [sentences_of[mistake.name][0] for mistake in PARTS[part]]
    for template in templates_of(part):
        assert any(re.fullmatch(template, sentence) for sentence in said), (
            f"_{part}.tpl: no mistake in refusals/{part}.py leads to {template}"
        )


def test_only_one_file_of_the_chart_fails() -> None:
    """Otherwise one mistake could hide the sentences of others."""
    texts = {path: path.read_text() for path in (CHART / "templates").rglob("*.*")}
    calls = re.compile(r'\b(fail|required) ["(]')
    failing = [path.name for path, text in texts.items() if calls.search(text)]
    assert failing == ["refuse.tpl"], f"`fail` is in {failing}"


UDP = [{"containerPort": 8000, "protocol": "UDP"}]
VALID = [
    tree(hpa("909m", 100)),
    tree(hpa("500m", 181)),
    tree(hpa("999m", 100) | {"autoscaling.behavior.scaleUp.tolerance": 0}),
    tree(hpa("250m", 181, limit="500m")),
    tree(hpa("3600m", 100) | {"autoscaling.usableCores": 4}),
    tree(hpa("2", 60, limit="3") | {"autoscaling.usableCores": 4}),
    {"autoscaling": {"enabled": False}, "resources": {"requests": {"cpu": "4"}}},
    {"autoscaling": {"minReplicas": 10}},
    {"podDisruptionBudget": {"maxUnavailable": "1%"}},
    {"podDisruptionBudget": {"enabled": False, "maxUnavailable": 0}},
    {"proxy": {"keepAliveSeconds": 74}},
    {"uvicorn": {"forwardedAllowIps": "10.0.0.0/8,::/64"}},
    {"uvicorn": {"forwardedAllowIps": "10.0.0.128/25, 192.0.2.7/32,::1,::ffff:10.0.0.1"}},
    {"uvicorn": {"forwardedAllowIps": "2001:db8:0:0:0:0:0:0/32,FD00:AB::1:0/112,fd00:0:0:2::/63"}},
    {"uvicorn": {"forwardedAllowIps": "1:2:3:4:5:6:7:8,1::2:3,::ffff:10.0.0.0/104,fe80::/10"}},
    {"rollingUpdate": {"maxSurge": 0, "maxUnavailable": 1}},
    {"lifespanSeconds": 60},
    {"probes": {"startup": {"failureThreshold": 1}}, "lifespanSeconds": 86400},
    {"env": {"SMALL": 8, "NEGATIVE": -999999999999999, "REMOVED": None}},
    {"env": {"MODE": "off", "VERSION": "1.10", "BUILD": "12345678901234567"}},
    {"env": {"PATH": "/shop:$(PATH)", "A": "$$(B)", "B": "$(A)"}},
    {"config": {"files": {"a": "b"}, "mountPath": "/app/config/"}},
    {"config": {"files": {"a": "b"}, "mountPath": "/apple"}},
    {"config": {"files": {}, "mountPath": "/tmp"}},  # noqa: S108 - the pod's
    merged(tree(UVICORN), {"management": {"port": 8000}}),
    {"autoscaling": {"enabled": False, "behavior": {"scaleUp": {"selectPolicy": "Disabled"}}}},
    {"fullnameOverride": "a" * 58, "nameOverride": "b" * 58},
    {"serviceAccount": {"create": False, "name": "default"}},
    {"commonLabels": {"app.kubernetes.io/part-of": "shop"}},
    # A base file may hold the values of a policy that an overlay turns on.
    {"networkPolicy": {"from": [{}], "monitoring": [{}], "restrictEgress": True, "egress": [{}]}},
    {"uvicorn": {"host": "::"}, "service": {"ipFamilies": ["IPv6"]}},
    {"uvicorn": {"host": ""}, "service": {"ipFamilyPolicy": "RequireDualStack"}},
    {"service": {"ipFamilyPolicy": "PreferDualStack"}},
    tree(UVICORN | {"runtime": "image", "service.ipFamilyPolicy": "RequireDualStack"}),
    tree(UVICORN | {"runtime": "image", "resources.requests.memory": "1Mi"}),
    {"resources": {"requests": {"memory": "32Mi"}}},
    {"volumes": [{"name": "cache", "emptyDir": {"sizeLimit": "511Mi"}}]},
    {"volumes": [{"name": "cache", "emptyDir": {"sizeLimit": "1Gi", "medium": "Memory"}}]},
    {
        "volumes": [{"name": "cache", "emptyDir": {"sizeLimit": "1Gi"}}, {"name": "x"}],
        "sidecars": [
            {"name": "a", "image": "x"},
            {"name": "b", "image": "x", "resources": {"limits": {"ephemeral-storage": "1Gi"}}},
        ],
    },
    tree(sidecar_on(8001)),
    {"sidecars": [{"name": "a", "image": "x", "ports": UDP}]},
    {"initContainers": sidecar_on(8000)["sidecars"]},
    {"service": {"type": "NodePort", "nodePort": 30080}},
    {"resources": {"requests": {"memory": "1024Mi"}, "limits": {"memory": "1Gi"}}},
    {"resources": {"requests": {"memory": 1000000000}, "limits": {"memory": "1G"}}},
    {"tmp": {"sizeLimit": "511Mi"}},
    {"metrics": {"prometheusRule": {"enabled": True, "latencyPercent": 93.1}}},
]


def test_values_just_inside_the_bounds_render() -> None:
    for values, sentences in zip(VALID, template_refusals(VALID), strict=True):
        assert not sentences, f"{values}: refused with {sentences}"
    for values, manifests in zip(VALID, rendered(VALID), strict=True):
        assert manifests, f"{values}: nothing rendered"


@pytest.mark.parametrize(
    ("values", "pieces"),
    [
        ({"podDisruptionBudget": {"maxUnavailable": "1000%"}}, ["/podDisruptionBudget/max"]),
        ({"gzip": {"level": 10}}, ["/gzip/level", "want 9"]),
        ({"gzip": {"level": 0}}, ["/gzip/level", "want 1"]),
    ],
    ids=str,
)
def test_value_outside_its_range_is_refused_by_the_schema(values: Tree, pieces: list[str]) -> None:
    with pytest.raises(RefusedError) as refusal:
        render(values)
    for piece in pieces:
        assert piece in str(refusal.value), f"said {refusal.value}, wanted {piece!r}"


def test_every_variable_that_the_chart_sets_is_refused_in_the_users_env() -> None:
    optional = {"rootPath": "/x", "logLevel": "info", "limitConcurrency": 9, "backlog": 9}
    names = set(env_of(render({"uvicorn": optional})))
    assert len(names) >= 20, f"the chart sets only {names}"
    assert names <= set(CHART_VARIABLES), f"not refused: {names - set(CHART_VARIABLES)}"


def test_variables_that_would_break_the_contract_are_refused_too() -> None:
    names = {
        "UVICORN_APP", "UVICORN_FD", "UVICORN_RELOAD", "UVICORN_UDS", "FORWARDED_ALLOW_IPS",
        "UVICORN_SSL_KEYFILE", "UVICORN_GZIP_MINIMUM_SIZE", "UVICORN_HTTP2",
    }  # fmt: skip
    assert names <= set(CHART_VARIABLES), f"not refused: {names - set(CHART_VARIABLES)}"
