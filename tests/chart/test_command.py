"""The app's container: a wrapper in front of the runtime, and options behind the app."""

from typing import Any

import pytest

from tests.chart.manifests import FULL_NAME, app_of, render
from tests.chart.umbrella import template_refusals

OTHER = {"startup": {"path": "/"}, "readiness": {"path": "/"}}
DDTRACE = ["ddtrace-run", "uvicorn-pod"]
OPTIONS = ["--no-date-header"]


@pytest.mark.parametrize(
    ("values", "wanted"),
    [
        ({}, (["uvicorn-pod"], ["shop.main:app"])),
        ({"command": DDTRACE}, (DDTRACE, ["shop.main:app"])),
        ({"args": OPTIONS}, (["uvicorn-pod"], ["shop.main:app", *OPTIONS])),
        ({"command": DDTRACE, "args": OPTIONS}, (DDTRACE, ["shop.main:app", *OPTIONS])),
        ({"runtime": "image", "probes": OTHER, "command": ["/run"]}, (["/run"], None)),
        ({"runtime": "image", "probes": OTHER, "args": ["serve"]}, (None, ["serve"])),
    ],
    ids=str,
)
def test_container_starts_the_users_command_with_the_app(
    values: dict[str, Any], wanted: tuple[list[str] | None, list[str] | None]
) -> None:
    app = app_of(render(values | {"app": "shop.main:app"}))
    found = app.get("command"), app.get("args")
    assert found == wanted, f"Deployment/{FULL_NAME}: starts {found}, wanted {wanted}"


def test_words_that_only_look_like_a_mistake_are_accepted() -> None:
    allowed: list[dict[str, Any]] = [
        {"command": ["opentelemetry-instrument", "--port", "1", "python", "-m", "uvicorn_pod"]},
        {"command": ["sh", "-c", 'exec uvicorn-pod "$0"']},
        {"command": ["/opt/start.sh"], "args": ["--ws-max-size", "65536"]},
        {"runtime": "image", "probes": OTHER, "command": ["granian"], "args": ["--port", "8000"]},
        {"runtime": "image", "probes": OTHER, "args": ["shop.main:app"]},
    ]
    for values, sentences in zip(allowed, template_refusals(allowed), strict=True):
        assert not sentences, f"{values}: refused with {sentences}"
