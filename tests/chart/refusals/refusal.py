"""A refusal of the chart, and the values that several refusals share."""

from typing import Any

from tests.chart.changed_values import WITHOUT_UVICORN_POD
from tests.chart.trees import Tree, merged, tree

DIGEST = "sha256:" + "f" * 64
# Every probe path of the other runtimes is off, and a network policy lets Prometheus in.
UVICORN_POD: dict[str, Any] = {
    "runtime": "uvicorn-pod",
    "networkPolicy.monitoring": [{"podSelector": {}}],
    "probes.host": "",
    **{f"probes.{probe}.path": "" for probe in ("startup", "readiness", "liveness")},
}
# A valid set for plain uvicorn, which has no management port.
UVICORN: dict[str, Any] = {
    "runtime": "uvicorn",
    "probes.startup.path": "/",
    "probes.readiness.path": "/",
    **WITHOUT_UVICORN_POD,
}


class Refusal:
    """One mistake, and pieces of the one sentence with which the chart refuses it.

    `values` maps dotted names to all values that the mistake needs. They make the mistake in the
    defaults, and in any valid set that they are merged over.
    """

    def __init__(self, name: str, values: dict[str, Any], *pieces: str) -> None:
        self.name = name
        self.values = values
        self.pieces = pieces

    def __call__(self, values: Tree) -> Tree:
        """These values with the mistake."""
        return merged(values, tree(self.values))

    def fault_of(self, sentences: list[str]) -> str:
        """Why these are not the one sentence of this mistake; empty if they are."""
        if len(sentences) != 1:
            return f"wanted one sentence, the chart says {sentences}"
        if not sentences[0].endswith("."):
            return f"not a sentence: {sentences[0]!r}"
        missing = [piece for piece in self.pieces if piece not in sentences[0]]
        return f"no {missing} in {sentences[0]!r}" if missing else ""
