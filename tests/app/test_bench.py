"""The load client measures what it says, and stops at an answer that is no 200."""

import pytest

from bench.client import load
from tests.app.serving import REFERENCE, serving


def test_the_load_client_counts_answers_and_refuses_errors() -> None:
    with serving(REFERENCE) as served:
        done = load(served.port, "/bytes?size=10", connections=4, seconds=0.3)
        assert done.requests > 20
        with pytest.raises(RuntimeError, match="404"):
            load(served.port, "/nowhere", connections=1, seconds=0.1)
    assert done.rate * done.seconds == pytest.approx(done.requests)
