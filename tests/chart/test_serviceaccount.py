"""ServiceAccount: a dedicated account, without a token in the pods."""

from typing import Any

import pytest

from tests.chart.manifests import FULL_NAME, of_kind, one, pods_of, render

KIND = "ServiceAccount"


@pytest.mark.parametrize(
    ("values", "name", "is_created"),
    [
        ({}, FULL_NAME, True),
        ({"name": "sentinel"}, "sentinel", True),
        ({"create": False}, "default", False),
        ({"create": False, "name": "sentinel"}, "sentinel", False),
    ],
)
def test_pods_use_the_account(values: dict[str, Any], name: str, is_created: bool) -> None:
    manifests = render({"serviceAccount": values})
    accounts = [account["metadata"]["name"] for account in of_kind(manifests, KIND)]
    assert accounts == [name] * is_created, f"{KIND}: {accounts}, wanted {name}"
    pods = pods_of(manifests)
    assert len(pods) == 2, f"wanted the app's and the test's pod, rendered {pods}"
    for owner, pod in pods:
        found = pod["serviceAccountName"]
        assert found == name, f"{owner}: account {found}, wanted {name}"


def test_account_has_the_users_annotations() -> None:
    annotations = {"example/role": "sentinel"}
    account = one(render({"serviceAccount": {"annotations": annotations}}), KIND)
    found = account["metadata"]["annotations"]
    assert found == annotations, f"{KIND}/{FULL_NAME}: {found}, wanted {annotations}"


@pytest.mark.parametrize("is_mounted", [False, True])
def test_token_is_mounted_only_on_request(is_mounted: bool) -> None:
    manifests = render({"serviceAccount": {"automount": is_mounted}})
    account = one(manifests, KIND)["automountServiceAccountToken"]
    pod = one(manifests, "Deployment")["spec"]["template"]["spec"]["automountServiceAccountToken"]
    found = (account, pod)
    wanted = (is_mounted, is_mounted)
    assert found == wanted, f"{KIND}/{FULL_NAME} and its pod: {found}, wanted {wanted}"
