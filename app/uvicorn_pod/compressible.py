"""The header fields of an answer that decide about its compression."""

import functools

Headers = list[tuple[bytes, bytes]]

# Starlette's list: compressed already, or to be sent event by event.
DEFAULT_EXCLUDED_CONTENT_TYPES = (
    "application/grpc",
    "application/gzip",
    "application/x-gzip",
    "application/zip",
    "audio/*",
    "font/woff",
    "font/woff2",
    "image/avif",
    "image/gif",
    "image/jpeg",
    "image/png",
    "image/webp",
    "text/event-stream",
    "video/*",
)


def vary_with_accept_encoding(headers: Headers) -> bytes:
    """Returns all elements of Vary, each once, and Accept-Encoding."""
    lines = [value for name, value in headers if name.lower() == b"vary"]
    elements = [element.strip() for element in b",".join([*lines, b"Accept-Encoding"]).split(b",")]
    names = {element.lower(): element for element in elements if element}
    return b"*" if b"*" in names else b", ".join(names.values())


def must_not_transform(headers: Headers) -> bool:
    """Whether Cache-Control contains `no-transform` (RFC 9111 §5.2.2.6)."""
    lines = [value for name, value in headers if name.lower() == b"cache-control"]
    directives = b",".join(lines).lower().split(b",")
    return b"no-transform" in (directive.strip() for directive in directives)


@functools.lru_cache(maxsize=64)
def is_excluded(content_type: bytes, excluded: frozenset[str]) -> bool:
    """Whether `excluded`, which may contain patterns, matches the Content-Type."""
    name = media_type(content_type.decode("latin-1"))
    names = {name, name.partition("/")[0] + "/*"}
    if name.startswith("application/grpc+"):
        names.add("application/grpc")
    return not names.isdisjoint(excluded)


def media_type(content_type: str) -> str:
    """Returns the Content-Type without its parameters, in lower case."""
    return content_type.partition(";")[0].strip().lower()
