"""Checks an object against the schemas of a minor version of Kubernetes, without a cluster.

kubernetes-validate has the schemas of Kubernetes' own kinds. crds/ has those of custom resources
(see crd_schemas.py), which are the same for each minor version. An unknown field is a fault.
"""

import json
import re
from functools import cache

import kubernetes_validate
import yaml
from jsonschema import Draft202012Validator

from tests.chart.crd_schemas import FOLDER, SOURCES
from tests.chart.manifests import Manifest, title
from tests.support.repository import CHART

# Without the cache it would read two megabytes of JSON again for each object.
kubernetes_validate.utils.schema_contents = cache(kubernetes_validate.utils.schema_contents)


def supported_minors() -> list[str]:
    """Minor versions from the oldest in Chart.yaml to the newest with schemas: `1.30`, `1.31`, …"""
    allowed = yaml.safe_load((CHART / "Chart.yaml").read_text())["kubeVersion"]
    oldest = re.fullmatch(r">=1\.(\d+)\.0-0", allowed)
    assert oldest, f"Chart.yaml: kubeVersion {allowed!r} names no oldest minor version"
    known = [int(version.split(".")[1]) for version in kubernetes_validate.utils.all_versions()]
    return [f"1.{minor}" for minor in sorted(set(known)) if minor >= int(oldest[1])]


def fault(manifest: Manifest, minor: str) -> str:
    """The first fault of an object, as a sentence; empty if it has none."""
    if manifest["kind"] in SOURCES:
        found = next(_crd_validator(manifest["kind"]).iter_errors(manifest), None)
    else:
        try:
            kubernetes_validate.validate(manifest, minor, strict=True)
        except kubernetes_validate.SchemaNotFoundError as error:
            return f"{title(manifest)} on Kubernetes {minor}: {error.message}"
        except kubernetes_validate.ValidationError as error:
            found = error
        else:
            found = None
    if found is None:
        return ""
    place = ".".join(map(str, found.absolute_path))
    return f"{title(manifest)} on Kubernetes {minor}: {place}: {found.message}"


@cache
def _crd_validator(kind: str) -> Draft202012Validator:
    return Draft202012Validator(json.loads((FOLDER / f"{kind}.json").read_text()))
