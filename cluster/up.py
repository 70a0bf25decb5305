"""`make up`: create the cluster, build and load the images, install the release, report on it."""

from cluster import api_server, create, kind, kubernetes_version, online_or_offline
from cluster.common.steps import Step, perform
from cluster.engine import docker
from cluster.keda import installation as keda
from cluster.release import app_images, helm_release, names, report


def require_valid_settings() -> None:
    """Raise ClusterError for a setting that cannot work, before anything waits or is built."""
    online_or_offline.require_valid_setting()
    kubernetes_version.require_valid_setting()
    keda.require_valid_setting()
    helm_release.values_files()
    docker.require_answer_at_docker_host()


def up() -> None:
    """Do only what is missing, then print where the app is."""
    create.create()
    if keda.is_requested():
        keda.provide()
    perform(app_images.steps())
    reference = names.image("reference")
    load = Step(
        "load the image into the cluster",
        lambda: kind.holds_image(reference),
        lambda: kind.load_image(reference),
    )
    perform(api_server.repeated_after_restarts([load, *helm_release.steps()]))
    report.show()
