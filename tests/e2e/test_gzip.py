"""Answers through the Service are compressed if the client accepts it and the body is large."""

import gzip
import json
import subprocess

import pytest
from reference import catalog
from uvicorn_pod.encoders import encoders

from tests.e2e.conftest import Install
from tests.e2e.release import Release
from tests.support.asgi import decoder
from tests.support.http_client import HOST, Answer

PORT = 8081
CONTROL_PORT = 8082
LEVEL_PORT = 8087
FEWEST_CATALOG_BYTES = 850_000
MOST_COMPRESSED_BYTES = 180_000
BROWSER = "gzip, deflate, br, zstd"
LEVEL = 1
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


@pytest.mark.parametrize("accept_encoding", [BROWSER, "zstd", "zstd, gzip;q=0.9"])
def test_catalog_is_sent_as_zstd_where_that_is_accepted(
    release: Release, accept_encoding: str
) -> None:
    plain, compressed = ask(release, "/catalog"), ask(release, "/catalog", accept_encoding)
    found = compressed.headers.get("content-encoding")
    assert found == "zstd", f"Accept-Encoding {accept_encoding}: sent as {found}, wanted zstd"
    assert decoder("zstd").decompress(compressed.body) == plain.body, "/catalog: the bytes differ"
    assert len(compressed.body) <= MOST_COMPRESSED_BYTES, f"{len(compressed.body)} bytes"


@pytest.mark.parametrize("accept_encoding", ["gzip, zstd;q=0.5", "gzip, zstd;q=0"])
def test_catalog_is_sent_as_gzip_where_that_is_preferred_to_zstd(
    release: Release, accept_encoding: str
) -> None:
    preferring, without = (
        ask(release, "/catalog", accept_encoding),
        ask(release, "/catalog", "gzip"),
    )
    assert is_compressed(preferring), f"/catalog: headers {preferring.headers}, wanted gzip"
    assert preferring.body == without.body, "/catalog: gzip differs for clients that know zstd"


def test_curl_decodes_what_it_asks_for(release: Release) -> None:
    url = f"http://{HOST}:{PORT}/catalog"
    command = ["curl", "--silent", "--show-error", "--fail", "--compressed", url]
    done = subprocess.run(command, capture_output=True, check=False, timeout=30)
    assert done.returncode == 0, f"curl: exit {done.returncode}, {done.stderr.decode()}"
    assert done.stdout == ask(release, "/catalog").body, "curl --compressed: the bytes differ"


def test_nothing_is_compressed_without_the_middleware(install: Install) -> None:
    """The control is the same Service and client with gzip off."""
    control = install("no-gzip", CONTROL_PORT, values={**ONE_POD, "gzip": {"enabled": False}})
    for accept_encoding in ("gzip", BROWSER):
        answer = ask(control, "/catalog", accept_encoding)
        found = answer.headers.get("content-encoding")
        assert found is None, f"/catalog is sent as {found} although gzip is off"
        assert len(answer.body) > MOST_COMPRESSED_BYTES, f"/catalog: {len(answer.body)} bytes"


def test_level_and_zstd_of_the_values_reach_the_bytes(install: Install) -> None:
    values = {**ONE_POD, "gzip": {"level": LEVEL, "zstd": False}}
    release = install("gzip-level", LEVEL_PORT, values=values)
    answer = ask(release, "/catalog", BROWSER)
    wanted = len(encoders(LEVEL, zstd=False)["gzip"]().encode(catalog.body(), is_last=True))
    assert is_compressed(answer), f"gzip.zstd false: headers {answer.headers}, wanted gzip"
    assert len(answer.body) == wanted, (
        f"gzip.level {LEVEL}: {len(answer.body)} bytes, wanted {wanted}"
    )
