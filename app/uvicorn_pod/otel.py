"""Sends spans over OTLP if the standard OTEL_* variables ask for it; otherwise imports nothing."""

import logging
import os
import sys
from typing import Any

from uvicorn_pod import trace_context
from uvicorn_pod.asgi import App

_ENDPOINTS = ("OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT")
_PROTOCOLS = ("OTEL_EXPORTER_OTLP_TRACES_PROTOCOL", "OTEL_EXPORTER_OTLP_PROTOCOL")
_PROTOCOL = "http/protobuf"
FLUSH_MS = 1500

logger = logging.getLogger("uvicorn.error")


def is_wanted() -> bool:
    """Whether the variables name a receiver of spans and do not disable tracing."""
    is_off = os.environ.get("OTEL_SDK_DISABLED", "").lower() == "true"
    is_off = is_off or os.environ.get("OTEL_TRACES_EXPORTER", "otlp") == "none"
    return not is_off and any(os.environ.get(name) for name in _ENDPOINTS)


def instrument(app: App) -> App:
    """Returns the app with tracing, so that each request makes exactly one server span.

    A FastAPI version that traces itself is returned unchanged; any other app gets the ASGI
    instrumentation. A tracer provider that the app has set up stays in place. If FastAPI is to
    configure tracing itself (FASTAPI_OTEL_AUTO_CONFIGURE), this function does nothing.
    """
    if not is_wanted() or os.environ.get("FASTAPI_OTEL_AUTO_CONFIGURE", "").lower() == "true":
        return app
    protocol = next(filter(None, map(os.environ.get, _PROTOCOLS)), _PROTOCOL)
    if protocol != _PROTOCOL:
        logger.warning(
            "OTEL_* asks for spans over %r, but uvicorn-pod only sends them over %s. None is sent: "
            "set OTEL_EXPORTER_OTLP_PROTOCOL=%s, and the endpoint to its port, often 4318.",
            protocol,
            _PROTOCOL,
            _PROTOCOL,
        )
        return app
    try:
        _set_up_provider()
        if _traces_itself(app):
            return app
        from opentelemetry.instrumentation.asgi import OpenTelemetryMiddleware  # noqa: PLC0415
    except ImportError as error:
        logger.warning("OTEL_* asks for spans, but %s: install uvicorn-pod[otel].", error)
        return app
    traced: App = OpenTelemetryMiddleware(app, exclude_spans=["receive", "send"])
    return traced


def flush() -> None:
    """Sends the remaining spans within FLUSH_MS milliseconds.

    The exit handler of the SDK would send them, but a process that a signal ends does not run it.
    """
    if "opentelemetry.sdk.trace" in sys.modules:
        from opentelemetry.trace import get_tracer_provider  # noqa: PLC0415

        provider: Any = get_tracer_provider()
        if hasattr(provider, "force_flush"):
            provider.force_flush(FLUSH_MS)


def _set_up_provider() -> None:
    # These packages are the extra `otel`.
    from opentelemetry import trace as api  # noqa: PLC0415
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import (  # noqa: PLC0415
        OTLPSpanExporter,
    )
    from opentelemetry.sdk.trace import SpanProcessor, TracerProvider  # noqa: PLC0415
    from opentelemetry.sdk.trace.export import BatchSpanProcessor  # noqa: PLC0415

    class LogTraceIds(SpanProcessor):
        """Makes the log show the trace id of the request's span."""

        def on_start(self, span: Any, parent_context: Any = None) -> None:  # noqa: ARG002, ANN401
            trace = trace_context.current.get()
            if trace is not None and span.kind is api.SpanKind.SERVER:
                trace.join(f"{span.context.trace_id:032x}")

    if isinstance(api.get_tracer_provider(), api.ProxyTracerProvider):
        provider = TracerProvider()
        provider.add_span_processor(LogTraceIds())
        provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
        api.set_tracer_provider(provider)


def _traces_itself(app: Any) -> bool:  # noqa: ANN401 - any object that may wrap an app
    """Whether the app is, or wraps, a FastAPI >= 0.165, which makes its own spans."""
    if "fastapi.telemetry" not in sys.modules:
        return False
    from fastapi import FastAPI  # noqa: PLC0415 - the app has already imported it

    while app is not None and not isinstance(app, FastAPI):
        app = getattr(app, "app", None)
    return app is not None
