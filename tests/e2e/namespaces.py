"""Namespaces that enforce PSS restricted, as the tests and the benches use them."""

import pykube
from pytest_helm_charts.k8s.namespace import ensure_namespace_exists

from tests.support.commands import run
from tests.support.waiting import wait_until

RESTRICTED = {"labels": {"pod-security.kubernetes.io/enforce": "restricted"}}


def create(client: pykube.HTTPClient, name: str) -> pykube.Namespace:
    """Creates a namespace; first removes one that an interrupted run left behind."""
    spaces = pykube.Namespace.objects(client)
    left = spaces.get_or_none(name=name)
    if left is not None:
        left.delete()
        what = f"namespace {name} of an earlier run gone"
        wait_until(lambda: spaces.get_or_none(name=name) is None, 120, what)
    return ensure_namespace_exists(client, name, RESTRICTED)[0]


def free(namespace: pykube.Namespace) -> None:
    """Deletes a namespace in the background, its pods and ports at once.

    The pods need no drain here: it is what some tests look at.
    """
    kubectl = ["kubectl", f"--namespace={namespace.name}", "delete", "--all", "--wait=false"]
    run(*kubectl, "--cascade=orphan", "deployments,replicasets")
    run(*kubectl, "--force", "--grace-period=0", "pods,services")
    namespace.delete()
