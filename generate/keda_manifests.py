"""Writes cluster/keda/crds.yaml and keda.yaml from the KEDA version that go.mod pins.

`python -m generate.keda_manifests` needs Go, a module proxy and the kubectl of `make up`. Users of
the files need none of these. The admission webhooks are left out, which would also refuse mistakes,
such as a ScaledObject for a Deployment that another HPA scales.
"""

from collections.abc import Iterable

import yaml

from cluster.common.paths import KEDA_MODULE
from cluster.common.process import output
from cluster.keda import images, installation
from cluster.programs import tool_choice
from cluster.programs.keda_programs import KEDA, version
from cluster.programs.kubernetes_programs import module_source
from generate.add_on_manifests import Manifest, keep_on_control_plane, without_schema

HEADER = "# From KEDA's Go module (Apache-2.0), written by `python -m generate.keda_manifests`.\n"
IMAGES = {"keda-operator": "keda", "keda-metrics-apiserver": "keda-adapter"}
"""Deployment → program in its image."""


def rendered() -> list[Manifest]:
    """KEDA's own minimal installation, with the pinned version in its labels."""
    folder = module_source(KEDA, KEDA_MODULE) / "config" / "minimal"
    text = output([tool_choice.path("kubectl"), "kustomize", str(folder)])
    if not text:
        raise RuntimeError(f"kubectl kustomize {folder} printed nothing")
    found = list(yaml.safe_load_all(text))
    for manifest in found:
        manifest["metadata"]["labels"]["app.kubernetes.io/version"] = version()
    return found


def crd(manifest: Manifest) -> Manifest:
    """The CRD without the 650 KB of schema that repeat a Job's pod template.

    The operator needs the CRD of ScaledJob to start, but nothing here scales Jobs.
    """
    if manifest["spec"]["names"]["kind"] == "ScaledJob":
        return without_schema(manifest)
    return manifest


def deployment(manifest: Manifest) -> Manifest:
    """The Deployment for two cores that everything shares."""
    pod = manifest["spec"]["template"]["spec"]
    (container,) = pod["containers"]
    container["image"] = images.names()[IMAGES[manifest["metadata"]["name"]]]
    container["imagePullPolicy"] = "IfNotPresent"
    # No limit: on a busy machine a throttled operator would miss its polls.
    container["resources"] = {"requests": {"cpu": "20m", "memory": "64Mi"}}
    container["readinessProbe"] |= {"initialDelaySeconds": 0, "periodSeconds": 2}
    container["livenessProbe"] |= {"failureThreshold": 12}
    if "--enable-cert-rotation=true" in container["args"]:
        container["args"].append("--enable-webhook-patching=false")
    keep_on_control_plane(pod)
    return manifest


def write() -> None:
    """Write both files."""
    found = rendered()
    is_crd = "CustomResourceDefinition"
    crds = [crd(one) for one in found if one["kind"] == is_crd]
    rest = [
        deployment(one) if one["kind"] == "Deployment" else one
        for one in found
        if one["kind"] != is_crd
    ]
    installation.CRDS.write_text(HEADER + _text(crds))
    installation.KEDA.write_text(HEADER + _text(rest))


def _text(found: Iterable[Manifest]) -> str:
    return yaml.safe_dump_all(found, width=120, allow_unicode=True)


if __name__ == "__main__":
    write()
