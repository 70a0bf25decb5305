"""values.schema.json allows the numbers and words that the runtime's own options accept."""

from typing import Any

import click
import pytest
from uvicorn_pod.options import OWN_OPTIONS, uvicorn_parameters

from tests.chart.manifests import env_of, render
from tests.chart.schema_mutators import SCHEMA, resolved
from tests.chart.trees import tree

# Each number or word of the chart that becomes an option of the runtime.
VARIABLES = {
    "uvicorn.port": "UVICORN_PORT",
    "uvicorn.timeoutKeepAlive": "UVICORN_TIMEOUT_KEEP_ALIVE",
    "uvicorn.timeoutGracefulShutdown": "UVICORN_TIMEOUT_GRACEFUL_SHUTDOWN",
    "uvicorn.limitConcurrency": "UVICORN_LIMIT_CONCURRENCY",
    "uvicorn.backlog": "UVICORN_BACKLOG",
    "uvicorn.logLevel": "UVICORN_LOG_LEVEL",
    "drainSeconds": "UVICORN_DRAIN_SECONDS",
    "lifespanSeconds": "UVICORN_LIFESPAN_SECONDS",
    "management.port": "UVICORN_MANAGEMENT_PORT",
    "management.livenessSeconds": "UVICORN_LIVENESS_SECONDS",
    "uvicorn.maxConnectionSeconds": "UVICORN_MAX_CONNECTION_SECONDS",
    "uvicorn.requestSeconds": "UVICORN_REQUEST_SECONDS",
    "uvicorn.bodySeconds": "UVICORN_BODY_SECONDS",
    "overload.maxWaitSeconds": "UVICORN_MAX_WAIT_SECONDS",
    "retire.memoryPercent": "UVICORN_RETIRE_MEMORY_PERCENT",
    "gzip.minimumSize": "UVICORN_GZIP_MINIMUM_SIZE",
    "gzip.level": "UVICORN_GZIP_COMPRESSLEVEL",
    "blockedSeconds": "UVICORN_BLOCKED_SECONDS",
    "threadTokens": "UVICORN_THREAD_TOKENS",
}
NUMBERS = [name for name in VARIABLES if name != "uvicorn.logLevel"]
# Where the chart allows less than the runtime: the process may not open a lower port without root.
NARROWER = {"management.port"}
# The chart sets these to one fixed word or number, or computes them.
FIXED = {"UVICORN_LOOP", "UVICORN_HTTP", "UVICORN_WORKERS", "UVICORN_RETIRE_SECONDS"}
# A keep-alive time must be above the proxy's, and a block must be below the liveness limit.
CONTEXT: dict[str, Any] = {"proxy.keepAliveSeconds": 0, "management.livenessSeconds": 86_400}


def options() -> dict[str, click.Parameter]:
    """The runtime's options by the variable that sets each."""
    named = [*uvicorn_parameters(), *OWN_OPTIONS]
    return {f"UVICORN_{str(option.name).upper()}": option for option in named}


OPTIONS = options()


def schema_of(name: str) -> dict[str, Any]:
    node = SCHEMA
    for key in name.split("."):
        node = resolved(node["properties"][key])
    return node


def passed_on(name: str, value: object) -> str | None:
    """The text that the container gets; None where the chart does not set the variable."""
    found: str | None = env_of(render(tree(CONTEXT | {name: value}))).get(VARIABLES[name])
    return found


def is_accepted(name: str, text: object) -> bool:
    option = OPTIONS[VARIABLES[name]]
    try:
        option.type.convert(text, option, None)
    except click.BadParameter:
        return False
    return True


@pytest.mark.parametrize("bound", ["minimum", "maximum"])
@pytest.mark.parametrize("name", NUMBERS)
def test_runtime_accepts_the_bounds_of_the_schema(name: str, bound: str) -> None:
    schema = schema_of(name)
    assert bound in schema, f"{name}: the schema has no {bound}"
    text = passed_on(name, schema[bound])
    if text is None:  # 0 leaves the runtime's default
        assert schema[bound] == 0, f"{name}: {schema[bound]} does not reach the container"
        return
    assert text == str(schema[bound]), f"{name}: {schema[bound]} becomes {text}"
    assert is_accepted(name, text), (
        f"{name}: the schema's {bound} is {text}, the runtime refuses it as {VARIABLES[name]}"
    )


@pytest.mark.parametrize("name", NUMBERS)
def test_schema_allows_every_whole_number_in_the_range_of_the_option(name: str) -> None:
    kind, schema = OPTIONS[VARIABLES[name]].type, schema_of(name)
    differences = []
    lowest, highest = (getattr(kind, end, None) for end in ("min", "max"))
    if lowest is not None:
        first = int(lowest) + int(getattr(kind, "min_open", False))
        differences += [f"from {first}"] if schema.get("minimum") != first else []
    if highest is not None:
        differences += [f"to {highest}"] if schema.get("maximum") != highest else []
    allowed = f"{schema.get('minimum')} to {schema.get('maximum')}"
    assert bool(differences) == (name in NARROWER), (
        f"{name}: the schema allows {allowed}, the runtime {differences or 'the same'}"
    )


def test_runtime_refuses_what_lies_outside_its_range() -> None:
    """The control of `is_accepted`."""
    for name, text in (("lifespanSeconds", "0"), ("gzip.level", "10"), ("uvicorn.port", "x")):
        assert not is_accepted(name, text), f"{VARIABLES[name]} accepts {text}"


def test_log_levels_are_those_of_the_runtime() -> None:
    kind = OPTIONS["UVICORN_LOG_LEVEL"].type
    assert isinstance(kind, click.Choice), f"--log-level is {kind}"
    allowed, accepted = set(schema_of("uvicorn.logLevel")["enum"]) - {""}, set(kind.choices)
    assert allowed == accepted, f"the schema allows {allowed}, the runtime {accepted}"


def test_every_number_that_the_chart_passes_to_the_runtime_is_compared() -> None:
    optional = {"limitConcurrency": 9, "backlog": 9, "logLevel": "info"}
    found = {
        name
        for name in env_of(render({"uvicorn": optional, "threadTokens": 9}))
        if name in OPTIONS
        and isinstance(
            OPTIONS[name].type, click.types.IntParamType | click.types.FloatParamType | click.Choice
        )
    }
    assert len(found) > 10, f"only {found}"
    assert found - FIXED == set(VARIABLES.values()), f"not compared: {found - FIXED}"
