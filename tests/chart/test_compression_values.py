"""The values of `gzip` reach the bytes of an answer: render, environment, process, answer."""

from typing import Any

import pytest
from reference import catalog
from uvicorn_pod.encoders import encoders

from tests.chart.manifests import env_of, render
from tests.support.http_client import Answer, Client
from tests.support.serving import REFERENCE, serving

CHROME = "gzip, deflate, br, zstd"
OTHER = {"startup": {"path": "/"}, "readiness": {"path": "/"}}
OWN_MIDDLEWARE = "tests.runtime.apps:compressing"


def compression_of(values: dict[str, Any]) -> dict[str, str]:
    """The container's variables of compression; the others name ports of the pod."""
    found = env_of(render(values))
    names = [name for name in found if name.startswith(("UVICORN_GZIP", "UVICORN_ZSTD", "GZIP"))]
    assert len(names) >= 4, f"{values}: only {names}"
    return {name: found[name] for name in names}


def answer_under(values: dict[str, Any], app: str, accepted: str, *, module: str) -> Answer:
    with (
        serving(app, module=module, **compression_of(values)) as served,
        Client(served.port) as client,
    ):
        return client.get("/catalog", accept_encoding=accepted)


def encoded_bytes(coding: str, level: int) -> int:
    return len(encoders(level, zstd=True)[coding]().encode(catalog.body(), True))


@pytest.mark.parametrize("level", [1, 5, 9])
@pytest.mark.parametrize(
    ("runtime", "module"), [("uvicorn-pod", "uvicorn_pod"), ("uvicorn", "uvicorn")]
)
def test_level_reaches_the_bytes_of_an_answer(runtime: str, module: str, level: int) -> None:
    values: dict[str, Any] = {"runtime": runtime, "gzip": {"level": level}}
    if runtime == "uvicorn":
        values["probes"] = OTHER
    answer = answer_under(values, REFERENCE, "gzip", module=module)
    wanted = encoded_bytes("gzip", level)
    assert len(answer.body) == wanted, (
        f"gzip.level {level}, {runtime}: {len(answer.body)} bytes, wanted {wanted}"
    )


def test_level_takes_precedence_over_the_one_in_the_code_of_an_app() -> None:
    answer = answer_under({"gzip": {"level": 1}}, OWN_MIDDLEWARE, "gzip", module="uvicorn_pod")
    wanted, of_the_app = encoded_bytes("gzip", 1), encoded_bytes("gzip", 5)
    assert wanted != of_the_app, "the two levels cannot be told apart"
    assert len(answer.body) == wanted, f"{len(answer.body)} bytes, wanted {wanted}"
    off = answer_under({"gzip": {"enabled": False}}, OWN_MIDDLEWARE, "gzip", module="uvicorn_pod")
    assert len(off.body) == of_the_app, f"{len(off.body)} bytes, wanted the app's {of_the_app}"


@pytest.mark.parametrize(
    ("values", "coding"),
    [
        ({}, "zstd"),
        ({"zstd": False}, "gzip"),
        ({"enabled": False}, None),
        ({"enabled": False, "zstd": False}, None),
        ({"minimumSize": 1_000_000}, None),
    ],
    ids=str,
)
def test_values_choose_the_coding_of_an_answer(values: dict[str, Any], coding: str | None) -> None:
    answer = answer_under({"gzip": values}, REFERENCE, CHROME, module="uvicorn_pod")
    found = answer.headers.get("content-encoding")
    assert found == coding, f"gzip {values}: content-encoding {found}, wanted {coding}"
