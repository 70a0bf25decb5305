"""An app trusts a private CA that is mounted as docs/your-image.md says, on a read-only root."""

from pathlib import Path

import pytest

from cluster.release.names import image
from tests.e2e.traefik.certificates import Certificate
from tests.support.commands import run
from tests.support.documented_values import documented_values

READ_ONLY = ("docker", "run", "--rm", "--read-only", "--cap-drop=ALL", "--entrypoint=python")
COUNT = "import ssl; print(len(ssl.create_default_context().get_ca_certs()))"


def trusted(*options: str) -> int:
    """The number of CAs that Python trusts in the image."""
    return int(run(*READ_ONLY, *options, image("reference"), "-c", COUNT))


@pytest.fixture
def mounted(tmp_path: Path) -> str:
    """Docker's option that mounts a file with one CA where the page's values mount it."""
    tmp_path.chmod(0o755)  # the app is not root
    certificate = Certificate("ca", tmp_path)
    assert certificate.file.name == "ca.crt", f"the page's values name ca.crt: {certificate.file}"
    (mount,) = documented_values("your-image.md", "### For the app")["volumeMounts"]
    return f"--volume={tmp_path}:{mount['mountPath']}:ro"


def test_python_trusts_the_mounted_cas_alone(mounted: str) -> None:
    variables = documented_values("your-image.md", "### For the app")["env"]
    found = trusted(mounted, *(f"--env={name}={value}" for name, value in variables.items()))
    assert found == 1, f"Python trusts {found} CAs, wanted the one that is mounted"


def test_python_trusts_public_cas_without_the_variables(mounted: str) -> None:
    """The control: a mounted file alone changes nothing."""
    found = trusted(mounted)
    assert found > 100, f"Python trusts {found} CAs, wanted those of the image"
