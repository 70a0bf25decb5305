"""Answers through the Service are compressed if the client accepts gzip and the body is large."""

import gzip
import json

import pytest

from tests.e2e.conftest import Install
from tests.e2e.release import Release
from tests.support.http_client import Answer

PORT = 8081
CONTROL_PORT = 8082
FEWEST_CATALOG_BYTES = 850_000
MOST_COMPRESSED_BYTES = 180_000
ONE_POD = {"autoscaling": {"enabled": False}, "replicaCount": 1, "drainSeconds": 1}


@pytest.fixture(scope="module")
def release(install: Install) -> Release:
    return install("gzip", PORT, values=ONE_POD)


def ask(release: Release, path: str, accept_encoding: str | None = None) -> Answer:
    headers = {} if accept_encoding is None else {"accept_encoding": accept_encoding}
    answer = release.get(path, **headers)
    assert answer.status == 200, f"GET {path}: status {answer.status}, wanted 200"
    return answer


def is_compressed(answer: Answer) -> bool:
    return answer.headers.get("content-encoding") == "gzip"


def test_catalog_shrinks_to_a_fifth_when_gzip_is_accepted(release: Release) -> None:
    plain, compressed = ask(release, "/catalog"), ask(release, "/catalog", "gzip")

    assert is_compressed(compressed), f"/catalog: headers {compressed.headers}, wanted gzip"
    assert gzip.decompress(compressed.body) == plain.body, "/catalog: the bytes differ"
    assert json.loads(plain.body), "/catalog: an empty list"
    assert len(plain.body) >= FEWEST_CATALOG_BYTES, f"/catalog: {len(plain.body)} bytes"
    assert len(compressed.body) <= MOST_COMPRESSED_BYTES, (
        f"/catalog: {len(compressed.body)} bytes compressed, wanted ≤ {MOST_COMPRESSED_BYTES}"
    )


@pytest.mark.parametrize("accept_encoding", [None, "identity", "br"])
def test_catalog_is_plain_when_gzip_is_not_accepted(
    release: Release, accept_encoding: str | None
) -> None:
    answer = ask(release, "/catalog", accept_encoding)
    assert not is_compressed(answer), f"Accept-Encoding {accept_encoding}: sent as gzip"


@pytest.mark.parametrize(("size", "is_wanted"), [(1_023, False), (1_024, True)])
def test_bodies_are_compressed_from_1024_bytes_on(
    release: Release, size: int, *, is_wanted: bool
) -> None:
    answer = ask(release, f"/bytes?size={size}", "gzip")
    assert is_compressed(answer) == is_wanted, (
        f"/bytes?size={size}: content-encoding {answer.headers.get('content-encoding')}"
    )


def test_nothing_is_compressed_without_the_middleware(install: Install) -> None:
    """The control is the same Service and client with gzip off."""
    control = install("no-gzip", CONTROL_PORT, values={**ONE_POD, "gzip": {"enabled": False}})
    answer = ask(control, "/catalog", "gzip")
    assert not is_compressed(answer), "/catalog is compressed although gzip is off"
    assert len(answer.body) > MOST_COMPRESSED_BYTES, f"/catalog: {len(answer.body)} bytes"
