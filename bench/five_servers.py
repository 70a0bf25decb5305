"""The five servers that the benches compare, each started as its documentation says."""

from dataclasses import dataclass

from cluster.release import names
from tests.e2e.cluster_image import ClusterImage
from tests.support.repository import ROOT

BUILD = ROOT / "bench" / "servers_build"
IMAGE = ClusterImage(
    "servers",
    BUILD / "Dockerfile",
    copied=(ROOT / "requirements" / "servers.txt", BUILD / "measured.py"),
    bases=(("BUILD", names.image("build")), ("REFERENCE", names.image("reference"))),
)
APP = "measured:app"
OURS = "uvicorn-pod"
PACKAGES = ("uvicorn", "gunicorn", "granian", "hypercorn", "uvloop", "httptools", "fastapi")


@dataclass(frozen=True)
class Server:
    """A server's command line; `port` and `management_port` are put in."""

    name: str
    command: tuple[str, ...]
    """With its access log off."""

    def arguments(self, port: int = 8000, management_port: int = 9000) -> list[str]:
        """Returns the command line."""
        ports = {"port": port, "management_port": management_port}
        return [part.format(**ports) for part in self.command]


SERVERS = (
    Server(
        OURS,
        (
            "uvicorn-pod",
            APP,
            "--port={port}",
            "--management-port={management_port}",
            "--no-access-log",
        ),
    ),
    Server("uvicorn", ("uvicorn", APP, "--host=0.0.0.0", "--port={port}", "--no-access-log")),
    Server(
        "gunicorn",
        ("gunicorn", APP, "--worker-class=asgi", "--workers=1", "--bind=0.0.0.0:{port}"),
    ),
    Server("granian", ("granian", APP, "--interface=asgi", "--host=0.0.0.0", "--port={port}")),
    Server("hypercorn", ("hypercorn", APP, "--bind=0.0.0.0:{port}")),
)
