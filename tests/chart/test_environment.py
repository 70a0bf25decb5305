"""Environment: the contract between chart and container, and the user's variables."""

from typing import Any

import pytest

from tests.chart.manifests import FULL_NAME, app_of, env_of, render

OTHER = {"startup": {"path": "/"}, "readiness": {"path": "/"}}
CONTRACT = {
    "UVICORN_HOST": "0.0.0.0",  # noqa: S104 - the container's, not this machine's
    "UVICORN_PORT": "8000",
    "UVICORN_LOOP": "uvloop",
    "UVICORN_HTTP": "httptools",
    "UVICORN_WORKERS": "1",
    "WEB_CONCURRENCY": "1",
    "UVICORN_SERVER_HEADER": "false",
    "UVICORN_TIMEOUT_KEEP_ALIVE": "75",
    "UVICORN_TIMEOUT_GRACEFUL_SHUTDOWN": "20",
    "UVICORN_FORWARDED_ALLOW_IPS": "127.0.0.1",
    "UVICORN_ACCESS_LOG": "true",
    "UVICORN_GZIP": "true",
    "UVICORN_GZIP_MINIMUM_SIZE": "1024",
    "UVICORN_GZIP_COMPRESSLEVEL": "5",
    "UVICORN_ZSTD": "true",
}
RUNTIME = {
    "UVICORN_DRAIN_SECONDS": "6",
    "UVICORN_LIFESPAN_SECONDS": "10",
    "UVICORN_MANAGEMENT_PORT": "9000",
    "UVICORN_LIVENESS_SECONDS": "30",
    "UVICORN_MAX_WAIT_SECONDS": "10",
    "UVICORN_MAX_CONNECTION_SECONDS": "10",
    "UVICORN_REQUEST_SECONDS": "0",
    "UVICORN_BODY_SECONDS": "0",
    "UVICORN_RETIRE_MEMORY_PERCENT": "0",
    "UVICORN_RETIRE_SECONDS": "17",
    "UVICORN_BLOCKED_SECONDS": "0.5",
}


def test_default_environment_is_the_contract() -> None:
    found, wanted = env_of(render()), CONTRACT | RUNTIME
    assert found == wanted, f"Deployment/{FULL_NAME}: env {found}, wanted {wanted}"


@pytest.mark.parametrize("runtime", ["uvicorn", "image"])
def test_other_runtimes_get_no_settings_of_uvicorn_pod(runtime: str) -> None:
    found = env_of(render({"runtime": runtime, "probes": OTHER}))
    assert found == CONTRACT, f"Deployment/{FULL_NAME}: env {found}, wanted {CONTRACT}"


@pytest.mark.parametrize(
    ("values", "name", "value"),
    [
        ({"uvicorn": {"host": "::"}}, "UVICORN_HOST", "::"),
        ({"uvicorn": {"port": 8123}}, "UVICORN_PORT", "8123"),
        ({"uvicorn": {"timeoutKeepAlive": 86400}}, "UVICORN_TIMEOUT_KEEP_ALIVE", "86400"),
        (
            {"uvicorn": {"timeoutGracefulShutdown": 31}},
            "UVICORN_TIMEOUT_GRACEFUL_SHUTDOWN",
            "31",
        ),
        (
            {"uvicorn": {"forwardedAllowIps": "10.0.0.0/8,fd00::/8"}},
            "UVICORN_FORWARDED_ALLOW_IPS",
            "10.0.0.0/8,fd00::/8",
        ),
        (
            {"uvicorn": {"forwardedAllowIps": "*", "trustEveryProxy": True}},
            "UVICORN_FORWARDED_ALLOW_IPS",
            "*",
        ),
        ({"uvicorn": {"rootPath": "/shop"}}, "UVICORN_ROOT_PATH", "/shop"),
        ({"uvicorn": {"logLevel": "trace"}}, "UVICORN_LOG_LEVEL", "trace"),
        ({"uvicorn": {"accessLog": False}}, "UVICORN_ACCESS_LOG", "false"),
        ({"uvicorn": {"limitConcurrency": 4711}}, "UVICORN_LIMIT_CONCURRENCY", "4711"),
        ({"uvicorn": {"backlog": 4096}}, "UVICORN_BACKLOG", "4096"),
        ({"drainSeconds": 0}, "UVICORN_DRAIN_SECONDS", "0"),
        ({"lifespanSeconds": 33}, "UVICORN_LIFESPAN_SECONDS", "33"),
        ({"management": {"port": 9123}}, "UVICORN_MANAGEMENT_PORT", "9123"),
        ({"management": {"livenessSeconds": 61}}, "UVICORN_LIVENESS_SECONDS", "61"),
        ({"overload": {"maxWaitSeconds": 0.3}}, "UVICORN_MAX_WAIT_SECONDS", "0.3"),
        ({"uvicorn": {"maxConnectionSeconds": 0}}, "UVICORN_MAX_CONNECTION_SECONDS", "0"),
        ({"uvicorn": {"requestSeconds": 2.5}}, "UVICORN_REQUEST_SECONDS", "2.5"),
        ({"uvicorn": {"bodySeconds": 60}}, "UVICORN_BODY_SECONDS", "60"),
        ({"retire": {"memoryPercent": 85}}, "UVICORN_RETIRE_MEMORY_PERCENT", "85"),
        ({}, "UVICORN_RETIRE_SECONDS", "17"),
        (
            {"probes": {"readiness": {"periodSeconds": 7, "failureThreshold": 2}}},
            "UVICORN_RETIRE_SECONDS",
            "16",
        ),
        ({"gzip": {"enabled": False}}, "UVICORN_GZIP", "false"),
        ({"gzip": {"enabled": False}}, "UVICORN_ZSTD", "false"),
        ({"gzip": {"zstd": False}}, "UVICORN_ZSTD", "false"),
        ({"gzip": {"minimumSize": 0}}, "UVICORN_GZIP_MINIMUM_SIZE", "0"),
        ({"gzip": {"level": 9}}, "UVICORN_GZIP_COMPRESSLEVEL", "9"),
        ({"blockedSeconds": 0}, "UVICORN_BLOCKED_SECONDS", "0"),
        ({"blockedSeconds": 2.25}, "UVICORN_BLOCKED_SECONDS", "2.25"),
        ({"threadTokens": 80}, "UVICORN_THREAD_TOKENS", "80"),
    ],
)
def test_value_sets_its_variable(values: dict[str, Any], name: str, value: str) -> None:
    found = env_of(render(values))[name]
    assert found == value, f"Deployment/{FULL_NAME}: {name}={found}, wanted {value}"


@pytest.mark.parametrize("is_enabled", [True, False])
def test_gzip_value_turns_on_compression_in_the_runtime(is_enabled: bool) -> None:
    found = env_of(render({"gzip": {"enabled": is_enabled}}))["UVICORN_GZIP"]
    wanted = str(is_enabled).lower()
    assert found == wanted, f"Deployment/{FULL_NAME}: UVICORN_GZIP={found}, wanted {wanted}"


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("plain", "plain"),
        ("", ""),
        ("007", "007"),
        (1000000, "1000000"),
        (-3, "-3"),
        ("off", "off"),
        ("1.10", "1.10"),
        ("12345678901234567", "12345678901234567"),
        ("a & b\u2028<c>", "a & b\u2028<c>"),
        ('quo"te\n{{ line }}', 'quo"te\n{{ line }}'),
    ],
)
def test_env_value_keeps_its_text(value: object, text: str) -> None:
    found = env_of(render({"env": {"SENTINEL": value}}))["SENTINEL"]
    assert found == text, f"Deployment/{FULL_NAME}: SENTINEL={found!r}, wanted {text!r}"


def test_extra_env_accepts_references() -> None:
    reference = {"fieldRef": {"fieldPath": "spec.nodeName"}}
    found = env_of(render({"extraEnv": [{"name": "NODE", "valueFrom": reference}]}))["NODE"]
    assert found == reference, f"Deployment/{FULL_NAME}: NODE={found}, wanted {reference}"


def test_env_accepts_references() -> None:
    reference = {"secretKeyRef": {"name": "database", "key": "password", "optional": True}}
    found = env_of(render({"env": {"PASSWORD": {"valueFrom": reference}}}))["PASSWORD"]
    assert found == reference, f"Deployment/{FULL_NAME}: PASSWORD={found}, wanted {reference}"


def users_order(values: dict[str, Any]) -> list[str]:
    """The names of the user's variables from first to last."""
    return [name for name in env_of(render(values)) if name not in CONTRACT | RUNTIME]


def texts(**values: str) -> list[dict[str, str]]:
    return [{"name": name, "value": value} for name, value in values.items()]


@pytest.mark.parametrize(
    ("values", "order"),
    [
        ({"env": {"B": "$(A)", "C": "x"}, "extraEnv": texts(Z="1", A="2")}, "C Z A B"),
        ({"env": {"B": "x"}, "extraEnv": texts(Z="$(B)", A="$(Z)$(Z)")}, "B Z A"),
        ({"env": {"A": "$(B)", "B": "$(C)", "C": "x"}}, "C B A"),
        ({"env": {"A": "$(M)", "N": "x"}, "extraEnv": texts(M="$(N)", L="$(A)")}, "N M A L"),
        ({"env": {"A": "$(B) $(UVICORN_PORT) $(OTHER)", "B": "$(B)"}}, "B A"),
    ],
    ids=["env to extraEnv", "extraEnv to env", "within env", "there and back", "to itself"],
)
def test_a_variable_stands_below_those_it_refers_to(values: dict[str, Any], order: str) -> None:
    found = users_order(values)
    assert found == order.split(), f"Deployment/{FULL_NAME}: order {found}, wanted {order}"


def test_variables_keep_their_order_without_references_that_change_it() -> None:
    values = {
        "env": {"B": "$$(Z)", "A": "x"},
        "extraEnv": texts(Z="$(A)", M="$(Z) $(ELSEWHERE)", C="x"),
    }
    found = users_order(values)
    assert found == list("ABZMC"), f"Deployment/{FULL_NAME}: order {found}, wanted A B Z M C"


def test_env_from_is_passed_on() -> None:
    sources = [{"secretRef": {"name": "sentinel"}}]
    found = app_of(render({"envFrom": sources}))["envFrom"]
    assert found == sources, f"Deployment/{FULL_NAME}: envFrom {found}, wanted {sources}"
