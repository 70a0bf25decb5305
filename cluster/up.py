"""`make up`: the cluster, the images and the release on it, and the report of them."""

from cluster import create, kind, kubernetes_version, online_or_offline
from cluster.common.steps import Step, perform
from cluster.release import app_images, helm_release, names, report


def refuse_wrong_settings() -> None:
    """Raise ClusterError for a setting that cannot be, before anything waits or is built."""
    online_or_offline.refuse_wrong_setting()
    kubernetes_version.refuse_wrong_setting()
    helm_release.values_files()


def up() -> None:
    """Make what is missing, and nothing else, then show where the app is."""
    create.create()
    perform(app_images.steps())
    reference = names.image("reference")
    load = Step(
        "load the image into the cluster",
        lambda: kind.holds_image(reference),
        lambda: kind.load_image(reference),
    )
    perform([load, *helm_release.steps()])
    report.show()
