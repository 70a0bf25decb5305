"""An update that stops all pods first, for a volume that only one pod may mount."""

from tests.chart.kubernetes_schemas import fault, supported_minors
from tests.chart.manifests import FULL_NAME, app_of, one, pod_of, render
from tests.chart.umbrella import template_refusals
from tests.support.documented_values import documented_values

SECTION = "## A volume that only one pod may mount"


def test_recreate_has_no_numbers_of_a_rolling_update() -> None:
    found = one(render({"strategy": "Recreate"}), "Deployment")["spec"]["strategy"]
    assert found == {"type": "Recreate"}, f"Deployment/{FULL_NAME}: strategy {found}"


def test_numbers_that_recreate_does_not_read_are_accepted() -> None:
    zeros = {"rollingUpdate": {"maxSurge": 0, "maxUnavailable": 0}}
    (sentences,) = template_refusals([{"strategy": "Recreate"} | zeros])
    assert not sentences, f"strategy Recreate: refused with {sentences}"


def test_documented_values_of_a_volume_render_a_pod_that_mounts_it() -> None:
    manifests = render(documented_values("chart.md", SECTION))
    claim = one(manifests, "PersistentVolumeClaim")["metadata"]["name"]
    volumes = {volume["name"]: volume for volume in pod_of(manifests)["spec"]["volumes"]}
    mounts = {mount["name"]: mount["mountPath"] for mount in app_of(manifests)["volumeMounts"]}
    mounted = volumes["data"]["persistentVolumeClaim"]["claimName"]
    assert mounted == claim, f"Deployment/{FULL_NAME}: mounts {mounted}, wanted {claim}"
    assert mounts["data"] == "/data", f"Deployment/{FULL_NAME}: mounts {mounts}"
    spec = one(manifests, "Deployment")["spec"]
    found = spec["strategy"]["type"], spec["replicas"]
    assert found == ("Recreate", 1), f"Deployment/{FULL_NAME}: {found}, wanted (Recreate, 1)"
    faults = [said for manifest in manifests if (said := fault(manifest, supported_minors()[-1]))]
    assert not faults, f"docs/chart.md: {faults}"
