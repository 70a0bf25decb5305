"""Every refusal of the chart, by the part of values.yaml that it checks.

A part has a file here and one of the same name in templates/refusals/.
"""

from tests.chart.refusals import (
    app_and_image,
    containers_and_volumes,
    env_and_files,
    environment,
    jobs,
    names_and_labels,
    network,
    observability,
    probes_and_lifecycle,
    resources,
    scaling,
    security,
    uvicorn_options,
)

PARTS = {
    "app_and_image": app_and_image.REFUSALS,
    "environment": environment.REFUSALS,
    "env_and_files": env_and_files.REFUSALS,
    "uvicorn_options": uvicorn_options.REFUSALS,
    "scaling": scaling.REFUSALS,
    "resources": resources.REFUSALS,
    "network": network.REFUSALS,
    "probes_and_lifecycle": probes_and_lifecycle.REFUSALS,
    "security": security.REFUSALS,
    "observability": observability.REFUSALS,
    "jobs": jobs.REFUSALS,
    "containers_and_volumes": containers_and_volumes.REFUSALS,
    "names_and_labels": names_and_labels.REFUSALS,
}
REFUSALS = [refusal for part in PARTS.values() for refusal in part]
