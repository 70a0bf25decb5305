"""Every refusal of the chart, by the part of values.yaml that it checks.

A part has a file here and one of the same name in templates/refusals/.
"""

from tests.chart.refusals import (
    app_and_image,
    environment,
    jobs,
    network,
    observability,
    old_names,
    other,
    probes_and_lifecycle,
    resources,
    scaling,
    security,
)

PARTS = {
    "old_names": old_names.REFUSALS,
    "app_and_image": app_and_image.REFUSALS,
    "environment": environment.REFUSALS,
    "scaling": scaling.REFUSALS,
    "resources": resources.REFUSALS,
    "network": network.REFUSALS,
    "probes_and_lifecycle": probes_and_lifecycle.REFUSALS,
    "security": security.REFUSALS,
    "observability": observability.REFUSALS,
    "jobs": jobs.REFUSALS,
    "other": other.REFUSALS,
}
REFUSALS = [refusal for part in PARTS.values() for refusal in part]
