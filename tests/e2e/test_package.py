"""The packaged chart is installed from an OCI registry, and passes its `helm test`."""

import json
import re

from tests.e2e.conftest import Install
from tests.e2e.release import Release
from tests.support.repository import CHART

ONE_POD = CHART / "environments" / "dev.yaml"


def test_the_chart_is_installed_from_a_registry(install: Install, oci: str) -> None:
    release = install("package", files=(ONE_POD,), chart=(f"{oci}/uvicorn", "--plain-http"))
    (listed,) = json.loads(release.helm("list", "--output=json"))
    folder = Release(release.client, release.namespace, files=release.files)
    assert listed["status"] == "deployed", f"helm list: {listed}"
    assert release.render() == folder.render(), f"{oci} renders what the folder does not"
    said = release.helm("test", "demo", "--timeout=120s")
    assert re.search(r"Phase:\s+Succeeded", said), f"helm test in {release.namespace}: {said}"
