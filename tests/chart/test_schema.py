"""values.schema.json: refuses unknown keys and wrong types, and matches values.yaml."""

import functools
import json
from collections.abc import Iterator
from typing import Any

import pytest
import yaml

from generate import schema_descriptions
from generate.schema_descriptions import is_old
from tests.chart.documented_values import defaults, documented, lookup
from tests.chart.manifests import RefusedError, render
from tests.chart.schema_mutators import types
from tests.chart.trees import tree
from tests.support.repository import CHART

SCHEMA: dict[str, Any] = json.loads((CHART / "values.schema.json").read_text())
# A parent chart may pass this; values.yaml does not have it.
FROM_A_PARENT = {"enabled"}
# Keys without a default: older clusters do not have the first, the others are actions.
OPTIONAL = {"tolerance", "postStart", "preStop"}


def resolved(schema: dict[str, Any]) -> dict[str, Any]:
    if "$ref" not in schema:
        return schema
    found: dict[str, Any] = SCHEMA["definitions"][schema["$ref"].rpartition("/")[2]]
    return found


def closed_maps(
    schema: dict[str, Any], path: tuple[str, ...] = ()
) -> Iterator[tuple[tuple[str, ...], dict[str, Any]]]:
    """Path and schema of every map whose keys the chart names, the root first."""
    is_users = "patternProperties" in schema and schema is not SCHEMA  # the root allows x-…
    if schema.get("additionalProperties") is False and not is_users:
        yield path, schema
    for key, below in schema.get("properties", {}).items():
        yield from closed_maps(resolved(below), (*path, key))


def open_maps(schema: dict[str, Any], path: tuple[str, ...] = ()) -> Iterator[str]:
    """Dotted path of every map that also takes other keys."""
    if "object" in types(schema) and path not in CLOSED:
        yield ".".join(path)
    for key, below in schema.get("properties", {}).items():
        yield from open_maps(resolved(below), (*path, key))


CLOSED = dict(closed_maps(SCHEMA))
# Maps whose keys belong to the user, to Kubernetes or to a parent chart.
FREE = {
    "affinity",
    "commonLabels",
    "config.files",
    "deploymentAnnotations",
    "dnsConfig",
    "env",
    "global",
    "httpRoute.annotations",
    "ingress.annotations",
    "metrics.dashboard.annotations",
    "metrics.dashboard.labels",
    "metrics.podMonitor.labels",
    "metrics.prometheusRule.labels",
    "metrics.service.annotations",
    "metrics.serviceMonitor.labels",
    "lifecycle.postStart",
    "lifecycle.preStop",
    "migrations.annotations",
    "migrations.env",
    "migrations.labels",
    "migrations.resources",
    "nodeSelector",
    "podAnnotations",
    "podLabels",
    "podSecurityContext",
    "resources.limits",
    "resources.requests",
    "securityContext",
    "service.annotations",
    "serviceAccount.annotations",
    "tests.annotations",
    "tests.labels",
}


def undescribed(schema: dict[str, Any], place: str) -> Iterator[str]:
    """Place of every key without a description."""
    for key, below in schema.get("properties", {}).items():
        if not below.get("description"):
            yield f"{place}.{key}"
        yield from undescribed(below, f"{place}.{key}")
    if "items" in schema:
        yield from undescribed(schema["items"], f"{place}[]")


def test_every_key_has_a_description() -> None:
    schemas = {"": SCHEMA} | SCHEMA["definitions"]
    missing = [place for name, schema in schemas.items() for place in undescribed(schema, name)]
    assert not missing, f"values.schema.json: no description of {missing}"


def test_descriptions_and_order_are_those_of_values_yaml() -> None:
    found = (CHART / "values.schema.json").read_text()
    assert found == schema_descriptions.page(), (
        "charts/uvicorn/values.schema.json has drifted: run `make docs`"
    )


def test_only_maps_with_the_users_own_keys_take_unknown_keys() -> None:
    found = set(open_maps(SCHEMA))
    assert found == FREE, f"differ in {sorted(found ^ FREE)}"


@functools.cache
def refusal_of_unknown_keys() -> str:
    """Helm reports every fault at once, so one render serves all cases."""
    return refusal({(*path, "sentinelKey"): 1 for path in CLOSED})


@functools.cache
def refusal_of_wrong_types() -> str:
    return refusal({value.path: wrong_type(value.default) for value in documented()})


def wrong_type(default: object) -> object:
    """A value of a type that neither the default has nor the schema allows."""
    return "sentinel" if isinstance(default, (list, dict)) else [4711]


def refusal(wrong: dict[tuple[str, ...], object]) -> str:
    values = tree({".".join(path): value for path, value in wrong.items()})
    with pytest.raises(RefusedError) as refused:
        render(values)
    return str(refused.value)


@pytest.mark.parametrize("path", CLOSED, ids=lambda path: ".".join(path) or "root")
def test_unknown_key_is_refused_by_name(path: tuple[str, ...]) -> None:
    place = "/" + "/".join(path) if path else ""
    wanted = f"at '{place}': additional properties 'sentinelKey' not allowed"
    said = refusal_of_unknown_keys()
    assert wanted in said, f"said {said}, wanted {wanted!r}"


@pytest.mark.parametrize("path", CLOSED, ids=lambda path: ".".join(path) or "root")
def test_schema_names_the_keys_of_values_yaml(path: tuple[str, ...]) -> None:
    declared = set(lookup(defaults(), path))
    named = {key for key, of in CLOSED[path]["properties"].items() if not is_old(of)}
    named -= OPTIONAL | (set() if path else FROM_A_PARENT)
    assert named == declared, f"{'.'.join(path)}: schema {named}, values.yaml {declared}"


@pytest.mark.parametrize("path", [value.path for value in documented()], ids=".".join)
def test_wrong_type_is_refused_by_name(path: tuple[str, ...]) -> None:
    said = refusal_of_wrong_types()
    assert f"at '/{'/'.join(path)}'" in said, f"said {said}, wanted {path}"


def is_required(path: tuple[str, ...]) -> bool:
    return path[:-1] in CLOSED and path[-1] in CLOSED[path[:-1]].get("required", [])


def test_null_is_refused_where_it_would_matter() -> None:
    """Helm removes a null key: it would render as 0, as nothing, or fail in a template."""
    paths = [path for path in {value.path for value in documented()} | set(CLOSED) if path]
    required = {path for path in paths if is_required(path)}
    for depth in (1, 2, 3):
        chosen = [path for path in required if len(path) == depth]
        said = refusal(dict.fromkeys(chosen))
        for path in chosen:
            place = "".join(f"/{key}" for key in path[:-1])
            line = next((li for li in said.splitlines() if f"at '{place}': missing" in li), "")
            assert f"'{path[-1]}'" in line, f"{'.'.join(path)}: said {said}"
    # Where null is allowed, it means the same as the empty default, or turns a default off.
    allowed = {".".join(path): None for path in paths if path not in required}
    off = {"replicaCount", "topologySpreadConstraints", "autoscaling.behavior"}
    off |= {"autoscaling.targetCPUUtilizationPercentage"}
    off |= {"metrics.dashboard.labels", "resources.requests.cpu", "resources.requests.memory"}
    off |= {f"resources.{k}.ephemeral-storage" for k in ("requests", "limits")}
    assert off <= set(allowed), f"refused are {sorted(off - set(allowed))}"
    meant = [name for name in allowed if name not in off and "behavior" not in name]
    assert len(meant) > 40, f"only {sorted(meant)}"
    assert render(tree(dict.fromkeys(meant))) == render(), "a null changes what is rendered"
    without_hpa = dict.fromkeys(off) | {"autoscaling.enabled": False}
    assert render(tree(without_hpa)), "nothing rendered"


def test_values_of_a_parent_chart_are_accepted() -> None:
    manifests = render({"global": {"any": {"thing": 1}}, "enabled": True})
    assert manifests == render(), "global and enabled change what is rendered"


def test_top_level_x_keys_hold_anchors_for_other_values() -> None:
    text = """
    x-labels: &labels {team: sentinel}
    podLabels: *labels
    commonLabels: *labels
    """
    values = yaml.safe_load(text)
    wanted = render({name: values[name] for name in ("podLabels", "commonLabels")})
    assert render(values) == wanted, "x-labels changes what is rendered"
    elsewhere: list[dict[str, Any]] = [{"xlabels": {}}, {"image": {"x-labels": {}}}]
    for values in elsewhere:
        with pytest.raises(RefusedError, match="additional properties"):
            render(values)


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("app",), "reference.main"),
        (("runtime",), "gunicorn"),
        (("image", "digest"), "sha256:abc"),
        (("image", "repository"), "Shop/API:1.0 "),
        (("image", "repository"), "registry.example/shop/api:1.0"),
        (("image", "repository"), "shop:1.0"),
        (("image", "repository"), "registry.example//api"),
        (("uvicorn", "port"), 0),
        (("management", "port"), 80),
        (("uvicorn", "logLevel"), "loud"),
        (("service", "type"), "ExternalName"),
        (("autoscaling", "minReplicas"), -1),
        (("autoscaling", "engine"), "vpa"),
        (("autoscaling", "requestsPerPod"), 0),
        (("resources", "requests", "cpu"), "0.25x"),
        (("resources", "requests", "memory"), "128MiB"),
        (("env", "BAD NAME"), "x"),
        (("env", "SECRET"), {"secretKeyRef": {}}),
        (("env", "SECRET"), {"valueFrom": "x"}),
        (("lifespanSeconds",), 0),
        (("tests", "path"), "catalog"),
        (("ingress", "hosts"), [{"host": "a.example", "path": "/"}]),
        (("httpRoute", "parentRefs"), [{"namespace": "x"}]),
        (("metrics", "podMonitor", "interval"), "soon"),
        (("sidecars",), [{"name": "proxy"}]),
        (("envFrom",), [{"secret": {"name": "x"}}]),
        (("hostAliases",), [{"ip": "192.0.2.1", "names": ["x"]}]),
        (("tolerations",), [{"keys": "x"}]),
        (("volumes",), [{"emptyDir": {}}]),
        (("podDisruptionBudget", "maxUnavailable"), "one"),
    ],
    ids=lambda part: ".".join(part) if isinstance(part, tuple) else str(part)[:12],
)
def test_bad_value_is_refused_by_name(path: tuple[str, ...], value: object) -> None:
    said = refusal({path: value})
    assert "/" + path[0] in said, f"said {said}, wanted the name {path}"
