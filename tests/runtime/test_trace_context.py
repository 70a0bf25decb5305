"""A request's trace is read as W3C Trace Context says; a malformed header never raises."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from uvicorn_pod.trace_context import Trace

TRACE, PARENT = "0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"
VALID = f"00-{TRACE}-{PARENT}-01"


def _read(*fields: str) -> tuple[str, str | None]:
    return Trace([(b"host", b"a"), *((b"traceparent", field.encode()) for field in fields)]).ids


@pytest.mark.parametrize(
    "field",
    [VALID, f" {VALID}\t", f"00-{TRACE}-{PARENT}-00", f"01-{TRACE}-{PARENT}-01",
     f"cc-{TRACE}-{PARENT}-01-what-the-future-brings"],
)  # fmt: skip
def test_a_valid_traceparent_gives_its_ids(field: str) -> None:
    assert _read(field) == (TRACE, PARENT)


@pytest.mark.parametrize(
    "field",
    [
        "",
        f"ff-{TRACE}-{PARENT}-01",
        f"0-{TRACE}-{PARENT}-01",
        f"00-{TRACE}-{PARENT}-01-more",
        f"00-{TRACE}-{PARENT}-01x",
        f"01-{TRACE}-{PARENT}-01x",
        f"00-{TRACE.upper()}-{PARENT}-01",
        f"00-{'0' * 32}-{PARENT}-01",
        f"00-{TRACE}-{'0' * 16}-01",
        f"00-{TRACE}-{PARENT}",
        f"00-{TRACE}-{PARENT}-0",
        f"00-{TRACE}-{PARENT}-0g",
        f"00_{TRACE}_{PARENT}_01",
    ],
)
def test_a_malformed_traceparent_counts_as_absent(field: str) -> None:
    trace_id, parent_id = _read(field)
    assert trace_id != TRACE
    assert parent_id is None


def test_a_repeated_traceparent_counts_as_absent() -> None:
    assert _read(VALID, VALID)[1] is None


def test_a_request_keeps_its_random_trace_id() -> None:
    trace = Trace([])
    assert trace.ids == trace.ids


def test_each_request_without_traceparent_gets_a_different_trace_id() -> None:
    ids = {_read()[0] for _ in range(1000)}
    assert len(ids) == 1000
    assert all(len(one) == 32 and int(one, 16) for one in ids)


@settings(max_examples=500, deadline=None, database=None)
@given(st.binary(max_size=80) | st.from_regex(rb"[0-9a-f]{2}-[0-9a-f]{30,34}-[0-9a-f]{15,17}-.*"))
def test_no_traceparent_raises(field: bytes) -> None:
    trace_id, _ = Trace([(b"traceparent", field)]).ids
    assert len(trace_id) == 32
