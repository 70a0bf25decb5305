"""Through the Service, zstd takes a fraction of the CPU of zlib's gzip, for no more bytes.

The CPU of compression is that of the whole process, less that of a plain answer, in the cheapest of
several blocks. On a machine whose caches others use, everything included took up to 0.34 of zlib's.
The control is the same image and values with zlib in the place of zlib-ng.
"""

import zlib
from collections.abc import Callable

import pytest
from reference import catalog
from uvicorn_pod.gzip_encoder import MEMORY_LEVEL

from tests.e2e.conftest import Install
from tests.e2e.release import Release
from tests.support.request_cost import Side, measure

pytestmark = [pytest.mark.quiet, pytest.mark.long]

PORT = 8081
CONTROL_PORT = 8082
ROUNDS = 8
REQUESTS = 40
MOST_CPU = 0.30
ONE_POD = {"autoscaling": {"enabled": False}, "replicaCount": 1, "drainSeconds": 1}
# This module hides the library from the runtime, which then uses zlib.
ZLIB = {
    **ONE_POD,
    "config": {"files": {"zlib_ng.py": "raise ImportError('the control uses zlib')\n"}},
    "env": {"PYTHONPATH": "/etc/app"},
}
READ_METRICS = (
    "from urllib.request import urlopen; "
    "print(urlopen('http://127.0.0.1:9000/metrics').read().decode())"
)


def side(release: Release, accept_encoding: str) -> Side:
    (pod,) = release.pods()
    assert release.port is not None, "the release has no port"
    return Side(
        release.port, accept_encoding, lambda: release.exec_python(pod, READ_METRICS).encode()
    )


def test_zstd_takes_at_most_three_tenths_of_the_cpu_of_zlib(
    install: Install, record_property: Callable[[str, object], None]
) -> None:
    release = install("zstd-cost", PORT, values=ONE_POD)
    control = install("zlib-cost", CONTROL_PORT, values=ZLIB)
    sides = {
        "plain": side(release, "identity"),
        "zlib": side(control, "gzip"),
        "zlib-ng": side(release, "gzip"),
        "zstd": side(release, "zstd"),
    }
    costs = measure(sides, "/catalog", rounds=ROUNDS, requests=REQUESTS)
    figures = ", ".join(
        f"{name} {cost.milliseconds:.2f} ms {cost.sent_bytes:,} bytes"
        for name, cost in costs.items()
    )
    record_property("note", f"per answer of /catalog: {figures}")

    compressor = zlib.compressobj(5, zlib.DEFLATED, 31, MEMORY_LEVEL)
    of_zlib = len(compressor.compress(catalog.body()) + compressor.flush())
    assert costs["zlib"].sent_bytes == of_zlib, f"the control does not use zlib: {figures}"
    assert costs["zstd"].coding == "zstd", f"zstd: sent as {costs['zstd'].coding}"
    assert costs["zstd"].sent_bytes <= of_zlib, f"wanted at most {of_zlib:,} bytes: {figures}"
    plain = costs["plain"].least_request_seconds
    ratio = (costs["zstd"].least_request_seconds - plain) / (
        costs["zlib"].least_request_seconds - plain
    )
    assert ratio <= MOST_CPU, f"{ratio:.3f} of zlib's CPU, wanted ≤ {MOST_CPU}: {figures}"
