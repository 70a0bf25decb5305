"""A real OTLP receiver gets one span per request, none for probes, and none by default."""

import json
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.trace.v1.trace_pb2 import Span

from tests.support.http_client import Client
from tests.support.repository import ROOT
from tests.support.serving import REFERENCE, environment, free_port, serving
from tests.support.waiting import wait_until

PLAIN = "tests.runtime.apps:plain"
TRACE = "0af7651916cd43dd8448eb211c80319c"
TRACEPARENT = f"00-{TRACE}-b7ad6b7169203331-01"


@contextmanager
def _receiver() -> Iterator[tuple[str, list[Span]]]:
    """Yields the address of an OTLP receiver and the list of spans it has received."""
    spans: list[Span] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            if self.path == "/v1/traces" and self.headers.get("content-encoding") is None:
                request = ExportTraceServiceRequest.FromString(body)
                for resource in request.resource_spans:
                    spans.extend(span for scope in resource.scope_spans for span in scope.spans)
            self.send_response(200)
            self.send_header("content-length", "0")
            self.end_headers()

        def log_message(self, *_args: object) -> None: ...

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", spans
    finally:
        server.shutdown()
        server.server_close()
        thread.join(5)


@pytest.mark.parametrize("app", [REFERENCE, PLAIN], ids=["FastAPI", "another app"])
def test_each_request_makes_one_span_and_probes_make_none(app: str) -> None:
    with (
        _receiver() as (address, spans),
        serving(app, "--drain-seconds=0", OTEL_EXPORTER_OTLP_ENDPOINT=address) as served,
    ):
        with Client(served.port) as client:
            client.get("/", traceparent=TRACEPARENT)
            client.get("/")
        served.ask("/livez")
        served.ask("/metrics")
        served.terminate()
        served.process.wait(20)
        # Only the exit sends them so soon: the batch waits five seconds.
        wait_until(lambda: spans, 5, "the spans arrive before the process ends")
        traces = [span.trace_id.hex() for span in spans if span.kind == Span.SPAN_KIND_SERVER]
        log = [json.loads(line) for line in served.log().splitlines()]
    logged = [line["trace_id"] for line in log if line["logger"] == "uvicorn.access"]
    assert traces[0] == TRACE
    assert len(traces) == 2
    assert logged == traces
    assert not [line for line in log if line["level"] in ("WARNING", "ERROR")]


@pytest.mark.parametrize(
    "variables",
    [
        {},
        {"OTEL_SDK_DISABLED": "true", "OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:1"},
        {
            "FASTAPI_OTEL_AUTO_CONFIGURE": "true",
            "OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:1",
        },
        {"OTEL_TRACES_EXPORTER": "none", "OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:1"},
    ],
)
def test_no_sdk_is_imported_without_a_receiver(variables: dict[str, str]) -> None:
    show = (
        "import sys; from uvicorn_pod.otel import flush, instrument; app = object()\n"
        "assert instrument(app) is app; flush()\n"
        "print(*[name for name in sys.modules if name.startswith('opentelemetry.sdk')])"
    )
    assert _python(show, **variables) == ("\n", "")


def test_the_app_runs_with_one_warning_without_the_extra() -> None:
    show = (
        "import sys; sys.modules['opentelemetry'] = None\n"
        "from uvicorn_pod.otel import instrument; app = object()\n"
        "assert instrument(app) is app"
    )
    endpoint = f"http://127.0.0.1:{free_port()}"
    output, errors = _python(show, OTEL_EXPORTER_OTLP_ENDPOINT=endpoint)
    assert output == ""
    assert errors.count("\n") == 1
    assert "install uvicorn-pod[otel]" in errors


@pytest.mark.parametrize(
    "name", ["OTEL_EXPORTER_OTLP_PROTOCOL", "OTEL_EXPORTER_OTLP_TRACES_PROTOCOL"]
)
def test_another_protocol_gives_one_warning_and_no_span(name: str) -> None:
    show = (
        "import sys; from uvicorn_pod.otel import instrument; app = object()\n"
        "assert instrument(app) is app\n"
        "print(*[name for name in sys.modules if name.startswith('opentelemetry.sdk')])"
    )
    endpoint = f"http://127.0.0.1:{free_port()}"
    output, errors = _python(show, **{"OTEL_EXPORTER_OTLP_ENDPOINT": endpoint, name: "grpc"})
    assert output == "\n"
    assert errors.count("\n") == 1
    assert "'grpc'" in errors
    assert "http/protobuf" in errors


def _python(code: str, **variables: str) -> tuple[str, str]:
    ended = subprocess.run(
        [sys.executable, "-c", code],
        env=environment(**variables),
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    return ended.stdout, ended.stderr
