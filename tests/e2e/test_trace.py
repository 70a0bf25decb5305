"""One trace leads through the gateway and the pod to the line in the log.

Traefik and the pod send their spans over OTLP to a receiver on the cluster.
"""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from tests.e2e.cluster_image import TAG
from tests.e2e.conftest import Install
from tests.e2e.release import FULL_NAME, Release
from tests.e2e.traced_image import IMAGE
from tests.e2e.traefik.installation import ROUTES, in_cluster, put_in_front
from tests.support.http_client import get
from tests.support.waiting import wait_until

pytestmark = [pytest.mark.quiet, pytest.mark.long]

PORT, RECEIVER_PORT, PROXY_PORT, TLS_PORT = 8081, 8083, 8085, 8086
RECEIVER = f"http://{FULL_NAME}.test-receiver:80"
SPANS_SECONDS = 60
# Keeps the spans that it gets, and shows them by the name of the service that sent them.
RECEIVING = """\
import gzip

from fastapi import FastAPI, Request, Response
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

app = FastAPI()
spans = []


@app.post("/v1/traces")
async def receive(request: Request):
    body = await request.body()
    if request.headers.get("content-encoding") == "gzip":
        body = gzip.decompress(body)
    for resource in ExportTraceServiceRequest.FromString(body).resource_spans:
        attributes = {a.key: a.value.string_value for a in resource.resource.attributes}
        for scope in resource.scope_spans:
            for span in scope.spans:
                spans.append({
                    "service": attributes["service.name"], "kind": span.kind,
                    "trace": span.trace_id.hex(), "span": span.span_id.hex(),
                    "parent": span.parent_span_id.hex(),
                })
    return Response()


@app.get("/")
async def show():
    return spans
"""
ONE_POD: dict[str, Any] = {
    "image": {"repository": IMAGE.repository, "tag": TAG},
    "autoscaling": {"enabled": False},
    "replicaCount": 1,
    "drainSeconds": 1,
}
RECEIVER_VALUES = ONE_POD | {
    "app": "receiving:app",
    "config": {"files": {"receiving.py": RECEIVING}},
    "env": {"UVICORN_APP_DIR": "/etc/app"},
}
VALUES: dict[str, Any] = {
    **ONE_POD,
    **ROUTES,
    "app": "traced:app",
    "config": {"files": {"traced.py": "from reference.main import app\n"}},
    "env": {
        "UVICORN_APP_DIR": "/etc/app",
        "PYTHONPATH": "/app",
        "OTEL_EXPORTER_OTLP_ENDPOINT": RECEIVER,
        "OTEL_SERVICE_NAME": "pod",
        "OTEL_BSP_SCHEDULE_DELAY": "500",
    },
}
SERVER = 2  # span.kind of the one that answers a request


@pytest.fixture(scope="module")
def traced(install: Install, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Release]:
    """A release behind Traefik. Both send their spans to another release, the receiver."""
    IMAGE.provide()
    with in_cluster():
        install("receiver", RECEIVER_PORT, values=RECEIVER_VALUES)
        release = install("traced", PORT, values=VALUES)
        put_in_front(
            release,
            (PROXY_PORT, TLS_PORT),
            tmp_path_factory.mktemp("certificates"),
            [f"--tracing.otlp.http.endpoint={RECEIVER}/v1/traces", "--tracing.serviceName=gateway"],
        )
        yield release


def spans_of(trace: str) -> list[dict[str, Any]]:
    received = json.loads(get(RECEIVER_PORT, "/").body)
    return [span for span in received if span["trace"] == trace]


def logged_trace(release: Release, path: str) -> str:
    """The trace id in the access log's line of a path, which was requested once."""
    lines = release.kubectl("logs", release.pods()[0].name).splitlines()
    (line,) = (line for line in lines if line.startswith("{") and f'"path":"{path}"' in line)
    return str(json.loads(line)["trace_id"])


def test_one_trace_leads_from_the_gateway_to_the_line_in_the_log(traced: Release) -> None:
    path = "/slow"
    assert get(PROXY_PORT, f"{path}?seconds=0").status == 200
    trace = wait_until(lambda: logged_trace(traced, path), 10, f"a line for {path} in the log")
    wait_until(
        lambda: {"gateway", "pod"} <= {span["service"] for span in spans_of(trace)},
        SPANS_SECONDS,
        f"spans of the gateway and of the pod in the trace {trace} of the log",
    )
    spans = spans_of(trace)
    (in_pod,) = (span for span in spans if span["service"] == "pod" and span["kind"] == SERVER)
    of_gateway = {span["span"] for span in spans if span["service"] == "gateway"}
    assert in_pod["parent"] in of_gateway, f"the pod's span has a parent elsewhere: {spans}"


def test_a_request_past_the_gateway_has_a_trace_of_its_own(traced: Release) -> None:
    """The control: only the gateway's header joins its span and the pod's."""
    path = "/work"
    assert get(PORT, f"{path}?ms=1").status == 200
    trace = wait_until(lambda: logged_trace(traced, path), 10, f"a line for {path} in the log")

    def servers() -> list[dict[str, Any]]:
        return [span for span in spans_of(trace) if span["kind"] == SERVER]

    (in_pod,) = wait_until(servers, SPANS_SECONDS, f"a server's span in the trace {trace}")
    spans = spans_of(trace)
    assert {span["service"] for span in spans} == {"pod"}, f"spans of {trace}: {spans}"
    assert in_pod["parent"] == "", f"the pod's span has a parent: {spans}"
