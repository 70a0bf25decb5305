"""The images of Prometheus and its operator, with the names of the released ones."""

from cluster.program_image import ProgramImage
from cluster.programs.prometheus_operator_programs import MODULE as OPERATOR_MODULE
from cluster.programs.prometheus_operator_programs import version as operator_version
from cluster.programs.testing_programs import MODULE as TESTING_MODULE
from cluster.programs.testing_programs import prometheus_version

REGISTRY = "quay.io"


def prometheus() -> ProgramImage:
    """Prometheus itself."""
    name = f"{REGISTRY}/prometheus/prometheus:{prometheus_version()}"
    return ProgramImage(TESTING_MODULE, "prometheus", name, folder="/bin")


def all_images() -> list[ProgramImage]:
    """Prometheus, the operator, and the program that reloads Prometheus's configuration."""
    released = {
        "operator": "prometheus-operator",
        "prometheus-config-reloader": "prometheus-config-reloader",
    }
    return [
        prometheus(),
        *(
            ProgramImage(
                OPERATOR_MODULE,
                program,
                f"{REGISTRY}/prometheus-operator/{name}:{operator_version()}",
                folder="/bin",
            )
            for program, name in released.items()
        ),
    ]
