"""What the manifests of the cluster's add-ons, KEDA and the Prometheus Operator, have in common."""

from typing import Any

Manifest = dict[str, Any]


def without_schema(crd: Manifest) -> Manifest:
    """The CRD with a schema that allows everything."""
    for version in crd["spec"]["versions"]:
        fields = {"type": "object", "x-kubernetes-preserve-unknown-fields": True}
        version["schema"] = {"openAPIV3Schema": fields}
    return crd


def keep_on_control_plane(pod: Manifest) -> None:
    """Place the pod there, so that its CPU use does not affect the app on the workers."""
    role = "node-role.kubernetes.io/control-plane"
    pod["nodeSelector"][role] = ""
    pod["tolerations"] = [{"key": role, "effect": "NoSchedule"}]
