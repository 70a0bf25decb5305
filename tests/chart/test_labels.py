"""Labels: every object names its release, and only the app's pods match the selector."""

from pathlib import Path

from cluster.release.names import VERSION
from tests.chart.manifests import of_kind, one, render, title

OURS = {
    "app.kubernetes.io/instance": "demo",
    "app.kubernetes.io/version": VERSION,
    "app.kubernetes.io/managed-by": "Helm",
    "helm.sh/chart": f"uvicorn-{VERSION}",
}


def test_every_object_carries_the_common_labels(value_set: Path) -> None:
    manifests = render(files=(value_set,))
    assert manifests, f"{value_set.name}: nothing rendered"
    for manifest in manifests:
        labels = manifest["metadata"]["labels"]
        assert OURS.items() <= labels.items(), f"{title(manifest)}: {labels}, wanted {OURS}"


def test_common_label_may_say_what_the_release_is_part_of() -> None:
    for manifest in render({"commonLabels": {"app.kubernetes.io/part-of": "sentinel"}}):
        found = manifest["metadata"]["labels"].get("app.kubernetes.io/part-of")
        wanted = None if manifest["kind"] == "Pod" else "sentinel"
        assert found == wanted, f"{title(manifest)}: part-of {found}, wanted {wanted}"


def test_test_pods_never_match_the_selector(value_set: Path) -> None:
    manifests = render(files=(value_set,))
    selector = one(manifests, "Service")["spec"]["selector"]
    pods = of_kind(manifests, "Pod")
    assert pods, f"{value_set.name}: no test pod"
    for pod in pods:
        labels = pod["metadata"]["labels"]
        assert not selector.items() <= labels.items(), f"{title(pod)}: {labels} match {selector}"
