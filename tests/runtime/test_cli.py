"""The command line accepts every option of uvicorn; mistakes are reported in one sentence."""

import socket
from pathlib import Path

import pytest
import yaml
from uvicorn.main import main as uvicorn_command
from uvicorn_pod.cli import main
from uvicorn_pod.options import OWN_OPTIONS

from tests.support.repository import ROOT
from tests.support.serving import REFERENCE, free_port, run_to_end, serving


def test_command_accepts_every_option_of_uvicorn() -> None:
    theirs = {parameter.name for parameter in uvicorn_command.params}
    assert len(theirs) > 40
    assert theirs <= {parameter.name for parameter in main.params}


def test_loop_and_parser_default_to_uvloop_and_httptools_without_changing_uvicorn() -> None:
    ours = {parameter.name: parameter.default for parameter in main.params}
    theirs = {parameter.name: parameter.default for parameter in uvicorn_command.params}
    assert (ours["loop"], ours["http"]) == ("uvloop", "httptools")
    assert (theirs["loop"], theirs["http"]) == ("auto", "auto")


@pytest.mark.parametrize(
    ("name", "default"),
    [
        ("drain_seconds", 6),
        ("lifespan_seconds", 10),
        ("management_port", 9000),
        ("liveness_seconds", 30),
        ("readiness_seconds", 2),
        ("gzip", False),
        ("zstd", None),  # on, if gzip is
        ("gzip_minimum_size", 1024),
        ("gzip_compresslevel", 5),
        ("access_log_format", "json"),
    ],
)
def test_own_options_have_the_documented_defaults(name: str, default: object) -> None:
    assert {option.name: option.default for option in OWN_OPTIONS}[name] == default


def test_graceful_shutdown_defaults_to_the_value_of_the_chart() -> None:
    """uvicorn itself waits forever by default; a pod only gets the time that the chart sets."""
    (ours,) = [one.default for one in main.params if one.name == "timeout_graceful_shutdown"]
    values = yaml.safe_load((ROOT / "charts" / "uvicorn" / "values.yaml").read_text())
    assert ours == values["uvicorn"]["timeoutGracefulShutdown"]


def test_options_can_be_set_by_variables() -> None:
    port = free_port()
    with serving(REFERENCE, UVICORN_ROOT_PATH="/sentinel", UVICORN_HEADERS="x-a:b") as served:
        answer = served.get("/echo")
    assert answer.headers["x-a"] == "b"
    ended = run_to_end(REFERENCE, UVICORN_PORT=str(port), UVICORN_MANAGEMENT_PORT=str(port))
    assert str(port) in ended.stderr


@pytest.mark.parametrize(
    "variables",
    [
        {"UVICORN_DRAIN_SECONDS": "-1"},
        {"UVICORN_LIFESPAN_SECONDS": "0"},
        {"UVICORN_LIVENESS_SECONDS": "0"},
        {"UVICORN_MANAGEMENT_PORT": "65536"},
        {"UVICORN_PORT": "tcp://10.0.0.1:80"},
    ],
)
def test_a_variable_out_of_range_is_refused_with_the_name_of_its_option(
    variables: dict[str, str],
) -> None:
    ended = run_to_end(REFERENCE, **variables)
    assert ended.returncode == 2
    option = next(iter(variables)).removeprefix("UVICORN_").lower().replace("_", "-")
    assert f"--{option}" in ended.stderr
    assert "Traceback" not in ended.stderr


@pytest.mark.parametrize(
    ("source", "app", "reported"),
    [
        (None, "absent:app", 'Could not import module "absent"'),
        (None, "absent", '"<module>:<attribute>"'),
        ("", "present:app", 'Attribute "app" not found'),
        ("import no_such_package", "present:app", "no_such_package"),
    ],
)
def test_an_app_that_cannot_be_imported_is_reported_in_one_sentence(
    tmp_path: Path, source: str | None, app: str, reported: str
) -> None:
    if source is not None:
        (tmp_path / "present.py").write_text(source)
    ended = run_to_end(app, f"--app-dir={tmp_path}", "--management-port=0")
    assert ended.returncode == 3
    assert reported in ended.stderr.replace('\\"', '"')
    assert ended.stderr.count("\n") == 1, ended.stderr


@pytest.mark.parametrize("option", ["--port", "--management-port"])
def test_an_address_in_use_is_reported_without_a_traceback(option: str) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        taken = other.getsockname()[1]
        rest = ["--management-port=0"] if option == "--port" else []
        ended = run_to_end("tests.runtime.apps:plain", f"{option}={taken}", *rest)
    assert ended.returncode == 3
    assert "in use" in ended.stderr
    assert "Traceback" not in ended.stderr


def test_process_exits_with_code_3_when_the_app_fails_to_start() -> None:
    ended = run_to_end("tests.runtime.apps:fails_to_start", "--management-port=0")
    assert ended.returncode == 3
    assert "the database is down" in ended.stderr


def test_version_prints_the_versions_of_uvicorn_pod_uvicorn_and_python() -> None:
    ended = run_to_end("--version")
    assert ended.returncode == 0
    assert all(word in ended.stdout for word in ("uvicorn-pod", "uvicorn 0.", "Python 3."))
