"""Every refusal of the chart, by the part of values.yaml that it checks.

A part has a file here and one of the same name in templates/refusals/.
"""

from tests.chart.refusals import (
    app_and_image,
    command,
    config_files,
    containers_and_volumes,
    disruption_budget,
    environment,
    job_pods,
    jobs,
    names_and_labels,
    network,
    observability,
    old_names,
    probes_and_lifecycle,
    resources,
    scaling,
    security,
    service_ports,
    uvicorn_options,
)

PARTS = {
    "old_names": old_names.REFUSALS,
    "app_and_image": app_and_image.REFUSALS,
    "command": command.REFUSALS,
    "environment": environment.REFUSALS,
    "config_files": config_files.REFUSALS,
    "uvicorn_options": uvicorn_options.REFUSALS,
    "scaling": scaling.REFUSALS,
    "disruption_budget": disruption_budget.REFUSALS,
    "resources": resources.REFUSALS,
    "network": network.REFUSALS,
    "service_ports": service_ports.REFUSALS,
    "probes_and_lifecycle": probes_and_lifecycle.REFUSALS,
    "security": security.REFUSALS,
    "observability": observability.REFUSALS,
    "jobs": jobs.REFUSALS,
    "job_pods": job_pods.REFUSALS,
    "containers_and_volumes": containers_and_volumes.REFUSALS,
    "names_and_labels": names_and_labels.REFUSALS,
}
REFUSALS = [refusal for part in PARTS.values() for refusal in part]
