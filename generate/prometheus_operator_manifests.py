"""Writes tests/e2e/prometheus/operator.yaml from the operator's version that go.mod pins.

`python -m generate.prometheus_operator_manifests` needs Go and a module proxy. Users of the file
need neither.
"""

import yaml

from cluster.common.paths import PROMETHEUS_OPERATOR_MODULE
from cluster.programs.kubernetes_programs import module_source
from cluster.programs.prometheus_operator_programs import OPERATOR
from generate.add_on_manifests import Manifest, custom_resources, keep_on_control_plane
from tests.e2e.prometheus import images
from tests.e2e.prometheus.installation import NAMESPACE, OPERATOR_MANIFESTS

HEADER = (
    "# From the Prometheus Operator's Go module (Apache-2.0), written by\n"
    "# `python -m generate.prometheus_operator_manifests`.\n"
)
CHECKED = ("podmonitors", "prometheusrules", "servicemonitors")
"""Kinds that the chart renders: the API server checks them with their own schema."""
UNCHECKED = ("probes", "prometheuses", "scrapeconfigs")
"""Kinds that the operator wants to watch; their schemas take 1.6 MB."""
PARTS = ("service-account", "cluster-role", "cluster-role-binding", "deployment")


def manifests() -> list[Manifest]:
    """The CRDs, and the operator on the control plane, in NAMESPACE."""
    example = module_source(OPERATOR, PROMETHEUS_OPERATOR_MODULE) / "example"
    folder = example / "prometheus-operator-crd"
    found = custom_resources(folder, "monitoring.coreos.com", checked=CHECKED, unchecked=UNCHECKED)
    for part in PARTS:
        file = example / "rbac" / "prometheus-operator" / f"prometheus-operator-{part}.yaml"
        found.append(in_namespace(yaml.safe_load(file.read_text())))
    return [move_to_control_plane(one) if one["kind"] == "Deployment" else one for one in found]


def in_namespace(manifest: Manifest) -> Manifest:
    """The manifest with NAMESPACE in place of `default`."""
    if "namespace" in manifest["metadata"]:
        manifest["metadata"]["namespace"] = NAMESPACE
    for subject in manifest.get("subjects", []):
        subject["namespace"] = NAMESPACE
    return manifest


def move_to_control_plane(manifest: Manifest) -> Manifest:
    """The Deployment with images that are built here, on the node where it disturbs least."""
    pod = manifest["spec"]["template"]["spec"]
    (container,) = pod["containers"]
    names = {image.program: image.name for image in images.all_images()}
    container |= {
        "command": ["/bin/operator"],
        "image": names["operator"],
        "imagePullPolicy": "IfNotPresent",
        "resources": {"requests": {"cpu": "20m", "memory": "64Mi"}},
    }
    option = "--prometheus-config-reloader="
    container["args"] = [
        option + names["prometheus-config-reloader"] if one.startswith(option) else one
        for one in container["args"]
    ]
    # The reloader's own limit of 10m would delay each change of the configuration.
    container["args"] += ["--config-reloader-cpu-limit=0", "--config-reloader-memory-limit=0"]
    keep_on_control_plane(pod)
    return manifest


if __name__ == "__main__":
    text = yaml.safe_dump_all(manifests(), width=120, allow_unicode=True)
    OPERATOR_MANIFESTS.write_text(HEADER + text)
