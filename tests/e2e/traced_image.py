"""The reference service's image with what it needs to send spans."""

from cluster.release import names
from tests.e2e.cluster_image import ClusterImage
from tests.support.repository import ROOT

IMAGE = ClusterImage(
    "traced",
    ROOT / "tests" / "e2e" / "traced_build" / "Dockerfile",
    copied=(ROOT / "requirements" / "traced.txt",),
    bases=(("BUILD", names.image("build")), ("REFERENCE", names.image("reference"))),
)
