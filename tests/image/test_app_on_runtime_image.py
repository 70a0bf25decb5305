"""The two ways of docs/your-image.md to run a user's own app, built and run as they stand there.

The app is Datasette, from the package index; its few lines are in tests/image/app_on_runtime_image.
"""

import json
import os
import re
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from cluster.common.versions import BASE_IMAGE
from cluster.release.names import ROOT, image
from tests.image.builds import build, trusting
from tests.image.containers import started
from tests.support.commands import run
from tests.support.http_client import get
from tests.support.serving import free_port
from tests.support.waiting import wait_until

DOCKERFILES = re.findall(
    r"^```dockerfile\n(.*?)^```$",
    (ROOT / "docs" / "your-image.md").read_text(),
    re.MULTILINE | re.DOTALL,
)
START_SECONDS = 30
PUBLIC_CAS = "/etc/ssl/certs/ca-certificates.crt"
# Prints the modules whose bytecode is missing, or is compared with the source file.
WITHOUT_BYTECODE = """
from importlib.util import cache_from_source
from pathlib import Path

def is_used_unchecked(module):
    compiled = Path(cache_from_source(module))
    return compiled.exists() and int.from_bytes(compiled.read_bytes()[4:8], "little") == 1

modules = [file for folder in ("/app", "/opt/venv") for file in Path(folder).rglob("*.py")]
assert Path("/app/shop/main.py") in modules, modules
print([str(module) for module in modules if not is_used_unchecked(module)])
"""


@pytest.fixture(scope="module")
def own_image(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The first of the two Dockerfiles; pip needs the private CA in the image that it runs in."""
    dockerfile = tmp_path_factory.mktemp("own") / "Dockerfile"
    ours = image("build")
    dockerfile.write_text(DOCKERFILES[0].replace(ours, trusting(ours, "build-trusting")))
    return build("own-app", dockerfile)


@pytest.fixture(scope="module")
def image_by_private_ca(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The first Dockerfile, with the line for a private CA; pip trusts only what that passes."""
    dockerfile = tmp_path_factory.mktemp("private-ca") / "Dockerfile"
    text, replaced = re.subn(r"(?m)^RUN pip .*\n", lambda _: DOCKERFILES[2], DOCKERFILES[0])
    assert replaced == 1, DOCKERFILES[0]
    dockerfile.write_text(text)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SSL_CERT_FILE", os.environ.get("SSL_CERT_FILE", PUBLIC_CAS))
        return build("private-ca-app", dockerfile)


@pytest.fixture(scope="module")
def mended_image(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The lines of the second, added to an image that somebody has."""
    options = ["--target=python", f"--build-arg=BASE_IMAGE={BASE_IMAGE}"]
    python = build("python", ROOT / "Dockerfile", *options, context=ROOT)
    existing = trusting(python, "existing-app", "existing")
    dockerfile = tmp_path_factory.mktemp("mended") / "Dockerfile"
    dockerfile.write_text(f"FROM {existing}\nUSER 0\n{DOCKERFILES[1]}USER 65532\n")
    return build("mended-app", dockerfile)


@contextmanager
def running(name: str) -> Iterator[tuple[int, int, str]]:
    """The app's port, that of the probes, and the container's id."""
    port, management_port = free_port(), free_port()
    variables = {"HOST": "127.0.0.1", "PORT": port, "DRAIN_SECONDS": 0}
    variables["MANAGEMENT_PORT"] = management_port
    options = tuple(f"--env=UVICORN_{key}={value}" for key, value in variables.items())
    with started(name, options=options) as container:
        yield port, management_port, container


def test_documentation_has_a_dockerfile_for_each_way() -> None:
    first, second, by_private_ca = DOCKERFILES
    assert f"FROM {image('build')} AS build\n" in first, first
    assert f"FROM {image('runtime')}\n" in first, first
    assert "pip install 'uvicorn-pod" in second, second
    assert "--cert /run/secrets/ca" in by_private_ca, by_private_ca


def test_own_image_has_the_bytecode_of_every_module(own_image: str) -> None:
    python = ["docker", "run", "--rm", "--read-only", "--entrypoint=python"]
    assert run(*python, own_image, "-c", WITHOUT_BYTECODE).strip() == "[]"


@pytest.mark.parametrize("way", ["own_image", "image_by_private_ca", "mended_image"])
def test_an_app_from_the_package_index_runs_as_documented(
    way: str, request: pytest.FixtureRequest
) -> None:
    with running(request.getfixturevalue(way)) as (port, management_port, container):

        def is_ready() -> bool:
            return get(management_port, "/readyz").status == 200

        wait_until(is_ready, START_SECONDS, f"{way} being ready")
        versions = json.loads(get(port, "/-/versions.json").body)

        def counts() -> bool:
            return b"uvicorn_requests_total{" in get(management_port, "/metrics").body

        wait_until(counts, START_SECONDS, f"{way} counting requests")
        _, process = run("docker", "top", container, "-o", "pid,uid").splitlines()
        stopped = subprocess.run(
            ["docker", "stop", "--time=30", container], capture_output=True, check=True, timeout=60
        )
        lines = run("docker", "logs", container).splitlines()
    assert stopped.returncode == 0
    assert "datasette" in versions, f"{way} says {versions}"
    assert process.split()[1] == "65532", f"{way} runs as {process}"
    (line,) = [json.loads(line) for line in lines if "uvicorn.access" in line]
    assert (line["path"], line["status"]) == ("/-/versions.json", 200), f"{way} logs {line}"
