"""The packaged chart installs from an OCI registry and passes its `helm test`."""

import json
import re

from tests.e2e.conftest import Install
from tests.e2e.release import NAME, Release
from tests.support.repository import CHART

ONE_POD = CHART / "environments" / "dev.yaml"


def test_the_chart_is_installed_from_a_registry(install: Install, oci: str) -> None:
    release = install("package", files=(ONE_POD,), chart=(f"{oci}/uvicorn", "--plain-http"))
    (listed,) = json.loads(release.helm("list", "--output=json"))
    folder = Release(release.client, release.namespace, files=release.files)
    assert listed["status"] == "deployed", f"helm list: {listed}"
    assert release.render() == folder.render(), f"{oci} and the folder render different manifests"
    output = release.helm("test", NAME, "--timeout=120s")
    assert re.search(r"Phase:\s+Succeeded", output), f"helm test in {release.namespace}: {output}"
