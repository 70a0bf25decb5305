"""Spans over OTLP, from the standard OTEL_* variables; imports nothing where none asks for it."""

import logging
import os
import sys
from typing import Any

from uvicorn_pod import trace_context
from uvicorn_pod.pod_middleware import App

_ENDPOINTS = ("OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT")
_PROTOCOLS = ("OTEL_EXPORTER_OTLP_TRACES_PROTOCOL", "OTEL_EXPORTER_OTLP_PROTOCOL")
_PROTOCOL = "http/protobuf"
FLUSH_MS = 1500

logger = logging.getLogger("uvicorn.error")


def is_wanted() -> bool:
    """Whether the variables name a receiver of spans, and do not switch them off."""
    is_off = os.environ.get("OTEL_SDK_DISABLED", "").lower() == "true"
    is_off = is_off or os.environ.get("OTEL_TRACES_EXPORTER", "otlp") == "none"
    return not is_off and any(os.environ.get(name) for name in _ENDPOINTS)


def instrument(app: App) -> App:
    """The app, traced once: by itself if it is FastAPI, which does so, else from outside.

    A tracer provider that the app has set up itself is left in place, and FastAPI that is to set
    up its own is left alone.
    """
    if not is_wanted() or os.environ.get("FASTAPI_OTEL_AUTO_CONFIGURE", "").lower() == "true":
        return app
    protocol = next(filter(None, map(os.environ.get, _PROTOCOLS)), _PROTOCOL)
    if protocol != _PROTOCOL:
        logger.warning(
            "OTEL_* asks for spans over %r, and there will be none: only %s is spoken here; "
            "set OTEL_EXPORTER_OTLP_PROTOCOL to it and the endpoint to its port, often 4318.",
            protocol,
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
    """Sends what is left, for a signal that ends the process runs no exit handlers."""
    if "opentelemetry.sdk.trace" in sys.modules:
        from opentelemetry.trace import get_tracer_provider  # noqa: PLC0415

        provider: Any = get_tracer_provider()
        if hasattr(provider, "force_flush"):
            provider.force_flush(FLUSH_MS)


def _set_up_provider() -> None:
    from opentelemetry import trace as api  # noqa: PLC0415 - all of these are an extra
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import (  # noqa: PLC0415
        OTLPSpanExporter,
    )
    from opentelemetry.sdk.trace import SpanProcessor, TracerProvider  # noqa: PLC0415
    from opentelemetry.sdk.trace.export import BatchSpanProcessor  # noqa: PLC0415

    class LogIds(SpanProcessor):
        """Gives the log the trace id of the request's own span."""

        def on_start(self, span: Any, parent_context: Any = None) -> None:  # noqa: ARG002, ANN401
            found = trace_context.current.get()
            if found is not None and span.kind is api.SpanKind.SERVER:
                found.join(f"{span.context.trace_id:032x}")

    if isinstance(api.get_tracer_provider(), api.ProxyTracerProvider):
        provider = TracerProvider()
        provider.add_span_processor(LogIds())
        provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
        api.set_tracer_provider(provider)


def _traces_itself(app: Any) -> bool:  # noqa: ANN401 - any object with an app inside
    """Whether FastAPI >= 0.165, which makes its own spans, is somewhere inside."""
    if "fastapi.telemetry" not in sys.modules:
        return False
    from fastapi import FastAPI  # noqa: PLC0415 - the app has imported it

    while app is not None and not isinstance(app, FastAPI):
        app = getattr(app, "app", None)
    return app is not None
