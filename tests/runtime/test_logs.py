"""Every line of every log is one JSON object, for any input of a client or the app."""

import json
import logging
import time
import tracemalloc
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from uvicorn_pod import access_log, trace_context
from uvicorn_pod.access_log import AccessLog
from uvicorn_pod.request_record import RequestRecord
from uvicorn_pod.server_logs import JSONFormatter

from tests.support.http_client import Client
from tests.support.serving import REFERENCE, serving
from tests.support.waiting import wait_until

TRACEPARENT = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
REQUEST = RequestRecord(
    method="GET",
    path=b"/items/%0a1",
    client=("192.0.2.1", 4711),
    route="/items/{number}",
    trace=trace_context.Trace([(b"traceparent", TRACEPARENT.encode())]),
    started=100.0,
    ended=100.0123456,
    status=200,
    sent_bytes=17,
    plain_bytes=34,
    is_stream=False,
)


def _written(*requests: RequestRecord) -> bytes:
    written: list[bytes] = []
    AccessLog(written.append).log(requests)
    (lines,) = written  # one system call
    return lines


def _formatted(message: object, *args: object, **extra: Any) -> dict[str, Any]:
    record = logging.getLogger("app.sentinel").makeRecord(
        "app.sentinel", logging.WARNING, __file__, 1, str(message), args, None, extra=extra
    )
    line = JSONFormatter().format(record)
    assert "\n" not in line
    entry: dict[str, Any] = json.loads(line)
    return entry


def test_an_access_line_has_the_documented_fields() -> None:
    entry = json.loads(_written(REQUEST))
    assert entry.pop("time").endswith("Z")
    assert entry == {
        "level": "INFO",
        "logger": "uvicorn.access",
        "method": "GET",
        "path": "/items/%0a1",
        "status": 200,
        "duration_ms": 12.345,
        "bytes": 17,
        "client": "192.0.2.1",
        "trace_id": "0af7651916cd43dd8448eb211c80319c",
        "parent_id": "b7ad6b7169203331",
    }


def test_the_time_of_an_access_line_is_the_end_of_its_request() -> None:
    now = time.perf_counter()
    lines = _written(REQUEST._replace(ended=now - 2), REQUEST._replace(ended=now))
    first, second = (
        datetime.fromisoformat(json.loads(line)["time"]) for line in lines.splitlines()
    )
    assert (second - first).total_seconds() == pytest.approx(2, abs=1e-5)
    assert abs((datetime.now(UTC) - second).total_seconds()) < 1


def test_an_access_line_allows_an_unknown_client_and_a_path_without_percent_encoding() -> None:
    entry = json.loads(_written(REQUEST._replace(path="/é\n".encode(), client=None)))
    assert entry["client"] is None
    assert entry["path"].startswith("/")


def test_a_long_path_and_client_are_cut_so_that_a_line_is_written_whole() -> None:
    long = REQUEST._replace(path=b"/" + b"x" * 60_000, client=("y" * 60_000, 0))
    assert len(_written(long)) < 4_700


def test_the_access_log_does_not_keep_long_paths_in_memory() -> None:
    """The cache keeps only the part that is logged: 2 MB of the 60 MB here."""
    log = AccessLog(lambda _lines: None)
    tracemalloc.start()
    for number in range(1000):
        log.log([REQUEST._replace(path=b"/%04d" % number + b"x" * 60_000)])
    kept, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert kept < 10_000_000, f"{kept} bytes are left of 1,000 paths"


UNSAFE = "\x00\n\r\x1b[31m\x7f\x85\x9b\u2028\u2029\u202e"


@settings(max_examples=500, deadline=None, database=None)
@given(st.text(max_size=60) | st.text(alphabet=UNSAFE + '"\\{}', max_size=60), st.binary())
def test_no_value_can_end_or_forge_a_log_line(text: str, path: bytes) -> None:
    lines = [
        _written(REQUEST._replace(method=text, path=path, client=(text, 1))),
        JSONFormatter().format(logging.makeLogRecord({"msg": text, "args": ()})).encode() + b"\n",
    ]
    for line in lines:
        shown = line.decode()
        assert shown.endswith("}\n")
        assert len(shown.splitlines()) == 1
        assert not set(shown[:-1]) & set(UNSAFE.replace("[31m", ""))
        entry = json.loads(shown)
        assert text in (entry.get("method"), entry.get("message"))


def test_a_log_record_of_the_app_keeps_its_extra_fields_and_its_trace_id() -> None:
    trace_context.current.set(REQUEST.trace)
    entry = _formatted("ordered %d", 3, order=7, total={"eur": 1.5})
    assert entry.pop("time").endswith("Z")
    assert entry == {
        "level": "WARNING",
        "logger": "app.sentinel",
        "message": "ordered 3",
        "order": 7,
        "total": {"eur": 1.5},
        "trace_id": TRACEPARENT.split("-")[1],
    }


@pytest.mark.parametrize("value", ["\ud800", 2**70, object(), {1: {2, 3}}, float("nan"), b"\xff"])
def test_a_value_that_json_does_not_know_is_logged_as_text(value: object) -> None:
    assert "value" in _formatted("sentinel", value=value)


def test_an_extra_field_cannot_replace_a_standard_field() -> None:
    assert _formatted("sentinel", level="forged", time="forged")["level"] == "WARNING"


def test_an_exception_is_logged_in_the_same_line() -> None:
    with pytest.raises(RuntimeError) as raised:
        raise RuntimeError("sentinel\nof two lines")
    info = (raised.type, raised.value, raised.tb)
    record = logging.makeLogRecord({"msg": "failed", "exc_info": info})
    line = JSONFormatter().format(record)
    assert "\n" not in line
    assert "Traceback" in json.loads(line)["exception"]


def test_server_app_and_requests_log_json_and_probes_log_nothing() -> None:
    with serving("tests.runtime.apps:logs", "--drain-seconds=0") as served:
        with Client(served.port) as client:
            assert client.get("/?secret=1", traceparent=TRACEPARENT).status == 200
            client.get("/nowhere%0a%22")
        served.ask("/livez")
        served.ask("/metrics")
        served.terminate()
        served.process.wait(20)
        entries = [json.loads(line) for line in served.log().splitlines()]
    assert {"time", "level", "logger"} <= set.intersection(*(set(entry) for entry in entries))
    access = [entry for entry in entries if entry["logger"] == "uvicorn.access"]
    assert [(entry["path"], entry["status"]) for entry in access] == [
        ("/", 200),
        ("/nowhere%0a%22", 404),
    ]
    (own,) = [entry for entry in entries if entry["logger"] == "app"]
    assert own["trace_id"] == access[0]["trace_id"] == TRACEPARENT.split("-")[1]
    assert own["order"] == 7
    assert any("Uvicorn running" in entry.get("message", "") for entry in entries)


@pytest.mark.parametrize(
    ("options", "is_json", "lines"),
    [
        (["--access-log-format=off"], True, 0),
        (["--no-access-log"], True, 0),
        (["--access-log-format=text"], False, 1),
        (["--access-log-format=text", "--no-access-log"], False, 0),
    ],
)
def test_the_access_log_can_be_text_or_off(options: list[str], is_json: bool, lines: int) -> None:
    with serving(REFERENCE, *options) as served:
        served.get("/bytes?size=1")
        wait_until(lambda: served.log().count("/bytes") >= lines, 5, "the request is logged")
        log = served.log()
    assert log.count("/bytes") == lines
    assert log.startswith("{") == is_json


def test_a_closed_stdout_does_not_fail_a_request(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(access_log, "STDOUT", -1)
    AccessLog().log([REQUEST])


def test_the_whole_line_is_written_when_a_pipe_accepts_only_parts(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    taken: list[bytes] = []

    def write(_descriptor: int, data: bytes) -> int:
        taken.append(data[:7])
        return len(taken[-1])

    monkeypatch.setattr("os.write", write)
    AccessLog().log([REQUEST])
    assert json.loads(b"".join(taken))["status"] == 200
