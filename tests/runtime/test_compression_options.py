"""One rule says who compresses: with `--gzip` the runtime does, and otherwise only the app."""

import gzip
from pathlib import Path

import pytest
from reference import catalog
from uvicorn_pod.encoders import encoders
from uvicorn_pod.gzip import GZipMiddleware

from tests.support import asgi
from tests.support.http_client import Answer, Client
from tests.support.repository import ROOT
from tests.support.serving import REFERENCE, run_python, serving

CHROME = "gzip, deflate, br, zstd"
OWN_MIDDLEWARE = """
from uvicorn_pod.gzip import GZipMiddleware

async def app(scope, receive, send):
    if scope["type"] == "http":
        await send({"type": "http.response.start", "status": 200})
        await send({"type": "http.response.body", "body": b"sentinel " * 200})

app = GZipMiddleware(app, minimum_size=1024, compresslevel=5)
"""
PLAIN = "tests.runtime.apps:plain"


def _catalog(*options: str, module: str = "uvicorn_pod", **variables: str) -> Answer:
    with (
        serving(REFERENCE, *options, module=module, **variables) as served,
        Client(served.port) as client,
    ):
        return client.get("/catalog", accept_encoding=CHROME)


def _gzip_bytes(level: int) -> int:
    return len(encoders(level, zstd=False)["gzip"]().encode(catalog.body(), True))


@pytest.mark.parametrize(
    ("options", "coding"),
    [
        (["--gzip"], "zstd"),
        (["--gzip", "--zstd"], "zstd"),
        (["--gzip", "--no-zstd"], "gzip"),
        ([], None),
        (["--no-zstd"], None),
    ],
    ids=str,
)
def test_gzip_turns_compression_on_and_zstd_only_adds_a_coding(
    options: list[str], coding: str | None
) -> None:
    small = "--gzip-minimum-size=0"
    with serving(PLAIN, small, *options) as served, Client(served.port) as client:
        answer = client.get("/", accept_encoding=CHROME)
    assert answer.headers.get("content-encoding") == coding, f"{options}: {answer.headers}"


def test_without_the_library_clients_get_gzip_and_the_log_one_warning(tmp_path: Path) -> None:
    for package in ("backports", "compression"):
        (tmp_path / package).mkdir()
        (tmp_path / package / "__init__.py").touch()
        (tmp_path / package / "zstd.py").write_text("raise ImportError('sentinel')\n")
    (tmp_path / "own_middleware.py").write_text(OWN_MIDDLEWARE)
    path = f"{tmp_path}:{ROOT / 'app'}:{ROOT}"
    for options, warnings in ((["--gzip"], 1), ([], 1), (["--gzip", "--no-zstd"], 0)):
        app = PLAIN if "--no-zstd" in options else "own_middleware:app"
        small = "--gzip-minimum-size=0"
        with serving(app, small, *options, PYTHONPATH=path) as served:
            with Client(served.port) as client:
                answer = client.get("/", accept_encoding=CHROME)
            log = served.log()
        assert answer.headers["content-encoding"] == "gzip", options
        assert log.count("install uvicorn-pod[zstd]") == warnings, f"{options}: {log}"


def test_zstd_is_not_imported_where_it_is_off() -> None:
    show = (
        "import sys; from uvicorn_pod.gzip import GZipMiddleware; GZipMiddleware(None, zstd=False)"
        "; print('uvicorn_pod.zstd_encoder' in sys.modules)"
    )
    control = show.replace("False)", "True)")
    for script, printed in ((show, "False\n"), (control, "True\n")):
        done = run_python("-c", script)
        assert (done.returncode, done.stdout) == (0, printed), f"{script}: {done}"


def test_only_the_outermost_of_nested_middlewares_compresses() -> None:
    answer = asgi.answering(*asgi.answer(catalog.body()))
    inner = GZipMiddleware(answer, compresslevel=1)
    sent = asgi.call(GZipMiddleware(inner, compresslevel=9), asgi.http_scope())
    assert len(asgi.raw_body(sent)) == _gzip_bytes(9)
    assert asgi.decoded_body(sent) == catalog.body()
    small = asgi.call(GZipMiddleware(inner, minimum_size=10**6), asgi.http_scope())
    assert asgi.fields(small, b"content-encoding") == []
    control = asgi.call(inner, asgi.http_scope())
    assert len(asgi.raw_body(control)) == _gzip_bytes(1)


def test_with_gzip_the_level_of_the_runtime_decides_for_an_app_with_the_middleware() -> None:
    """The app has read level 9 from the environment; the option takes precedence for the runtime.

    Without `--gzip`, the app's own level decides.
    """
    for options, level in ((["--gzip", "--gzip-compresslevel=1"], 1), ([], 9)):
        with (
            serving(REFERENCE, *options, UVICORN_GZIP_COMPRESSLEVEL="9") as served,
            Client(served.port) as client,
        ):
            answer = client.get("/catalog", accept_encoding="gzip")
        assert len(answer.body) == _gzip_bytes(level), f"{options}: {len(answer.body)} bytes"
        assert gzip.decompress(answer.body) == catalog.body()


@pytest.mark.parametrize("module", ["uvicorn_pod", "uvicorn"])
@pytest.mark.parametrize(
    ("variables", "coding"),
    [
        ({"UVICORN_GZIP": "true", "UVICORN_ZSTD": "true"}, "zstd"),
        ({"UVICORN_GZIP": "true", "UVICORN_ZSTD": "false"}, "gzip"),
        ({"UVICORN_GZIP": "false", "UVICORN_ZSTD": "false"}, None),
    ],
    ids=str,
)
def test_the_same_variables_switch_the_reference_service_under_every_server(
    module: str, variables: dict[str, str], coding: str | None
) -> None:
    answer = _catalog(module=module, **variables)
    assert answer.headers.get("content-encoding") == coding, f"{variables}: {answer.headers}"


def test_the_variable_with_the_prefix_takes_precedence_over_the_older_one() -> None:
    older = {"GZIP_MINIMUM_SIZE": "9", "UVICORN_GZIP": "true"}
    for variables, is_compressed in (
        (older, False),
        ({**older, "UVICORN_GZIP_MINIMUM_SIZE": "5"}, True),
    ):
        with serving(PLAIN, **variables) as served, Client(served.port) as client:
            answer = client.get("/", accept_encoding="gzip")
        assert ("content-encoding" in answer.headers) == is_compressed, variables
