"""`python -m bench.without_metrics APP` runs uvicorn-pod, which then counts no requests.

uvicorn-pod has no such option, so the bench replaces the methods that count.
"""

from unittest.mock import patch

from prometheus_client import CollectorRegistry
from uvicorn_pod import cli
from uvicorn_pod.metrics import Metrics


class _Uncounted(Metrics):
    def __init__(self, registry: CollectorRegistry) -> None:
        super().__init__(registry)
        self.count = _do_nothing
        self.observe_lag = _do_nothing


def _do_nothing(*_arguments: object, **_options: object) -> None: ...


if __name__ == "__main__":
    with patch.object(cli, "Metrics", _Uncounted):
        cli.main()
