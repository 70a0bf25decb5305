"""Mistakes in the identity of the pods."""

from tests.chart.refusals.refusal import Refusal

REFUSALS = [
    Refusal(
        "annotations of a service account that the chart does not create",
        {"serviceAccount.create": False, "serviceAccount.annotations": {"role": "x"}},
        "serviceAccount.annotations would be ignored",
        "set serviceAccount.create to true",
    ),
    Refusal(
        "a service account that every namespace already has",
        {"serviceAccount.create": True, "serviceAccount.name": "default"},
        "serviceAccount.name is default",
        "set serviceAccount.create to false",
    ),
]
