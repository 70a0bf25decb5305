"""What the manifests of the cluster's add-ons have in common."""

from typing import Any

Manifest = dict[str, Any]


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
