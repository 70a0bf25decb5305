"""The catalog has about 900 KB, compresses like real ones, and is the same everywhere."""

import hashlib
import json
import subprocess
import sys
import zlib

from reference import catalog

from tests.support.repository import ROOT
from tests.support.serving import environment

FROZEN_SHA256 = "43883f3646942a88429640355fa716fec74acd96e1097ceca5b6b89fd1253a5f"


def test_catalog_has_about_900_kilobytes() -> None:
    assert 880_000 <= len(catalog.body()) <= 920_000


def test_catalog_compresses_at_level_5_to_between_150_and_180_kilobytes() -> None:
    assert 150_000 <= len(zlib.compress(catalog.body(), 5)) <= 180_000


def test_catalog_never_changes_so_that_measurements_can_be_compared() -> None:
    assert hashlib.sha256(catalog.body()).hexdigest() == FROZEN_SHA256


def test_catalog_does_not_repeat_products() -> None:
    products = catalog.products()
    assert len(products) == catalog.PRODUCT_COUNT
    for field in ("id", "ean", "description"):
        values = {product[field] for product in products}
        assert len(values) > 0.99 * len(products), field


def test_catalog_objects_encode_to_the_same_bytes() -> None:
    encoded = json.dumps(catalog.products(), ensure_ascii=False, separators=(",", ":"))
    assert encoded.encode() == catalog.body()


def test_catalog_is_made_in_less_than_150_milliseconds_of_cpu() -> None:
    measure = (
        "import time; from reference import catalog; started = time.process_time(); "
        "catalog.body(); print(time.process_time() - started)"
    )
    command = [sys.executable, "-c", measure]
    runs = [
        subprocess.run(command, env=environment(), cwd=ROOT, capture_output=True, check=True)
        for _ in range(3)
    ]
    # 30 to 45 ms on an idle machine; the limit leaves room for a busy one.
    assert min(float(run.stdout) for run in runs) < 0.15
