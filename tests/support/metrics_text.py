"""Reads the text of a scrape with the parser of prometheus_client."""

import re

from prometheus_client.parser import text_string_to_metric_families
from prometheus_client.samples import Sample

METRIC_NAME = re.compile(r"\b(?:uvicorn|process|kube|container)_[a-z_]+\b")
"""The name of a metric that the chart's queries may use, of the runtime or another exporter."""


def samples(text: str) -> list[Sample]:
    """Returns all samples."""
    return [one for family in text_string_to_metric_families(text) for one in family.samples]


def total(text: str, name: str, **labels: str) -> float:
    """Returns the sum of a metric over all series with these labels, zero if there are none."""
    found = (one for one in samples(text) if one.name == name)
    return sum(one.value for one in found if labels.items() <= one.labels.items())
