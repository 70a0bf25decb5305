"""What the manifests of the cluster's add-ons have in common."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import yaml

Manifest = dict[str, Any]


def custom_resources(
    folder: Path, group: str, *, checked: Iterable[str], unchecked: Iterable[str]
) -> list[Manifest]:
    """The CRDs of these plurals, from files named `<group>_<plural>.yaml`.

    `checked` ones keep their schema without its texts, `unchecked` ones allow everything.
    """

    def read(plural: str) -> Manifest:
        crd: Manifest = yaml.safe_load((folder / f"{group}_{plural}.yaml").read_text())
        return crd

    return [
        *(without_descriptions(read(plural)) for plural in checked),
        *(without_schema(read(plural)) for plural in unchecked),
    ]


def without_schema(crd: Manifest) -> Manifest:
    """The CRD with a schema that allows everything."""
    for version in crd["spec"]["versions"]:
        fields = {"type": "object", "x-kubernetes-preserve-unknown-fields": True}
        version["schema"] = {"openAPIV3Schema": fields}
    return crd


def without_descriptions(node: Manifest) -> Manifest:
    """The CRD without the texts that explain fields; a field named `description` stays."""
    for key, value in list(node.items()):
        if key == "description" and isinstance(value, str):
            del node[key]
        for below in value if isinstance(value, list) else [value]:
            if isinstance(below, dict):
                without_descriptions(below)
    return node


def keep_on_control_plane(pod: Manifest) -> None:
    """Place the pod there, so that its CPU use does not affect the app on the workers."""
    role = "node-role.kubernetes.io/control-plane"
    pod["nodeSelector"][role] = ""
    pod["tolerations"] = [{"key": role, "effect": "NoSchedule"}]
