"""The schemas of the custom resources that the chart can render, in crds/.

`python -m tests.chart.crd_schemas` makes them from the Go modules of the projects that own them. It
needs Go and a module proxy; the tests only read the files. The files have no descriptions and no
rules in CEL. An unknown field is a fault, as in an API server's strict validation.
"""

import json
import subprocess
import zipfile
from pathlib import Path
from typing import Any

import yaml

FOLDER = Path(__file__).parent / "crds"
OPERATOR = "github.com/prometheus-operator/prometheus-operator@v0.94.1"
OPERATOR_FILE = "example/prometheus-operator-crd-full/monitoring.coreos.com_{}.yaml"
# Kind → module at its version (each Apache-2.0), and the CRD's file in it.
SOURCES = {
    "HTTPRoute": (
        "sigs.k8s.io/gateway-api@v1.7.0",
        "config/crd/standard/gateway.networking.k8s.io_httproutes.yaml",
    ),
    "PodMonitor": (OPERATOR, OPERATOR_FILE.format("podmonitors")),
    "PrometheusRule": (OPERATOR, OPERATOR_FILE.format("prometheusrules")),
    "ServiceMonitor": (OPERATOR, OPERATOR_FILE.format("servicemonitors")),
    "ScaledObject": (
        "github.com/kedacore/keda/v2@v2.21.0",
        "config/crd/bases/keda.sh_scaledobjects.yaml",
    ),
    "VerticalPodAutoscaler": (
        "k8s.io/autoscaler/vertical-pod-autoscaler@v1.8.1",
        "deploy/vpa-v1-crd-gen.yaml",
    ),
}
# The version that the chart renders, where that is not v1.
VERSIONS = {"ScaledObject": "v1alpha1"}
LEFT_OUT = ("description", "format", "nullable", "example", "default")


def file_of(module: str, name: str) -> bytes:
    """A file of a Go module, which Go checks against its checksum database.

    Read from the archive of the module, which also exists if the module needs a newer Go.
    """
    command = ["go", "mod", "download", "-json", module]
    said = json.loads(subprocess.run(command, capture_output=True, text=True, check=False).stdout)
    if "Zip" not in said:
        raise RuntimeError(f"{module} cannot be downloaded: {said.get('Error')}")
    with zipfile.ZipFile(said["Zip"]) as archive:
        return archive.read(f"{module}/{name}")


def schema_of(kind: str) -> dict[str, Any]:
    """The JSON schema of a kind, in the version that the chart renders."""
    module, file = SOURCES[kind]
    name = VERSIONS.get(kind, "v1")
    for crd in yaml.safe_load_all(file_of(module, file)):
        if crd and crd["spec"]["names"]["kind"] == kind:
            (schema,) = [
                version["schema"]["openAPIV3Schema"]
                for version in crd["spec"]["versions"]
                if version["name"] == name
            ]
            api_version = f"{crd['spec']['group']}/{name}"
            schema["properties"]["apiVersion"] = {"const": api_version}
            schema["properties"].pop("status", None)
            return {"$comment": f"From {module}, {file}", **json_schema(schema)}
    raise LookupError(f"{module}: no {kind} in {file}")


def json_schema(node: dict[str, Any]) -> dict[str, Any]:
    """A structural OpenAPI schema as a JSON schema that refuses unknown fields."""
    made: dict[str, Any] = {}
    for key, value in node.items():
        if key == "properties":
            made[key] = {name: json_schema(below) for name, below in value.items()}
        elif key in ("items", "additionalProperties", "not") and isinstance(value, dict):
            made[key] = json_schema(value)
        elif key in ("allOf", "anyOf", "oneOf"):
            made[key] = value  # in a structural schema these have bounds, never fields
        elif not key.startswith("x-") and key not in LEFT_OUT:
            made[key] = value
    if node.get("nullable") and "type" in node:
        made["type"] = [node["type"], "null"]
    is_open = "additionalProperties" in node or node.get("x-kubernetes-preserve-unknown-fields")
    if "properties" in node and not is_open:
        made["additionalProperties"] = False
    return made


if __name__ == "__main__":
    for kind in SOURCES:
        text = json.dumps(schema_of(kind), indent=1, sort_keys=True)
        (FOLDER / f"{kind}.json").write_text(text + "\n")
