"""Names of other charts or of earlier versions that the chart does not have."""

from generate.schema_descriptions import old_names
from tests.chart.refusals.refusal import Refusal

REFUSALS = [
    Refusal(f"{name}, which the chart does not have", {name: 1}, f"{name} is not a value", way_out)
    for name, way_out in old_names().items()
]
