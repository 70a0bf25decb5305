"""GZip for any ASGI app, as RFC 9110 asks, on a faster deflate than zlib's.

    from uvicorn_pod.gzip import GZipMiddleware

    app.add_middleware(GZipMiddleware, minimum_size=1024, compresslevel=5)

The middleware takes the parameters of Starlette's, but needs no framework. The deflate is
zlib-ng's. Level 5 is recommended: it takes half of the CPU of zlib's level 5, for slightly fewer
bytes. Level 3 takes about a third, for up to 9 % more.
`PYTHONPATH=app .venv/bin/python -m bench.deflate` measures both.
"""

import asyncio
import functools
import logging
import zlib
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from types import ModuleType

from uvicorn_pod.accept_encoding import accepts_gzip
from uvicorn_pod.asgi import App, Message, Receive, Scope, Send
from uvicorn_pod.metrics import LENGTH_IS_KNOWN, PLAIN_BYTES

_deflate: ModuleType
try:
    from zlib_ng import zlib_ng as _deflate
except ImportError:
    logging.getLogger("uvicorn.error").warning(
        "zlib-ng is not installed: gzip takes about twice the CPU; install uvicorn-pod[gzip]."
    )
    _deflate = zlib

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
# 0.1 MB more per answer than the default, 8, saves 2 % of the CPU and of the bytes.
MEMORY_LEVEL = 9
_BODY = "http.response.body"
_ZERO_COPY = "http.response.zerocopysend"
_FILES = (_ZERO_COPY, "http.response.pathsend")

# Dedicated threads: the app's own work in threads must not delay answers, nor the reverse.
_threads = ThreadPoolExecutor(thread_name_prefix="gzip")

_Headers = list[tuple[bytes, bytes]]
_Changes = Mapping[bytes, bytes | None]


class GZipMiddleware:
    """Compresses the answers of an app for clients that accept gzip."""

    def __init__(
        self,
        app: App,
        minimum_size: int = 500,
        compresslevel: int = 9,
        thread_minimum_size: int = 128 * 1024,
        *,
        exclude_content_types: tuple[str, ...] = DEFAULT_EXCLUDED_CONTENT_TYPES,
    ) -> None:
        """Sizes are in bytes; `compresslevel` is 1 (fastest) to 9 (smallest).

        Pieces of at least `thread_minimum_size` are compressed in a thread, because they would
        block the event loop. `exclude_content_types` may contain patterns such as `audio/*`.
        """
        self.app = app
        self.minimum_size = minimum_size
        self.compresslevel = compresslevel
        self.thread_minimum_size = thread_minimum_size
        self.exclude_content_types = frozenset(map(_media_type, exclude_content_types))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Calls the app; compresses its answer if the client accepts gzip."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        headers = scope.get("headers", ())
        if not isinstance(headers, list | tuple):  # an iterator can be read only once
            headers = scope["headers"] = list(headers)
        values = [value for name, value in headers if name.lower() == b"accept-encoding"]
        is_accepted = bool(values) and accepts_gzip(b",".join(values))
        await self.app(scope, receive, _Answer(self, scope, send, is_accepted).send)


class _Answer:
    """One answer on its way to the client.

    The start of the answer is held back until it is known whether to compress. A stated
    Content-Length decides. Without one, the body is compressed if it comes in several pieces, or in
    one that is large enough. Even a small first piece is sent at once: a stream may pause after it,
    or compute the next one without a turn of the event loop, so no timer could send it later.

    If the start is followed by anything but a piece of the body, such as `http.response.pathsend`,
    the whole answer passes unchanged.
    """

    _start: Message | None = None  # held back
    _fields: Mapping[bytes, bytes]  # its headers, by their names in lower case
    _unsent: int | None = None  # bytes of the stated Content-Length that are still to come
    _compressor: "zlib._Compress | None" = None
    _is_finished = False  # the compressor has written its last byte

    def __init__(
        self, middleware: GZipMiddleware, scope: Scope, send: Send, is_accepted: bool
    ) -> None:
        self._middleware = middleware
        self._scope = scope
        self._send = send
        self._is_accepted = is_accepted

    async def send(self, message: Message) -> None:
        """Takes a message of the app, and sends what the client should get."""
        if self._compressor is not None:
            await self._continue(self._compressor, message)
        elif self._start is not None:
            await self._decide(self._start, message)
        elif message["type"] == "http.response.start":
            await self._begin(message)
        else:
            await self._send(message)

    async def _begin(self, start: Message) -> None:
        """Holds the start back, unless its status and headers already decide."""
        headers = start.get("headers", ())
        if not isinstance(headers, list):  # an iterator can be read only once
            headers = list(headers)
            start = {**start, "headers": headers}
        self._fields = {name.lower(): value for name, value in headers}
        status = start["status"]
        if status in {204, 205} or self._must_not_change(headers):
            await self._send(start)
        elif status == 206:  # has the Vary of the 200 that it is a part of (RFC 9110 §15.3.7)
            await self._send(self._changed(start, {}))
        elif status == 304:  # has the Vary and the ETag of the 200 (RFC 9110 §15.4.5)
            await self._send(self._changed(start, self._weak_etag() if self._is_accepted else {}))
        else:
            await self._begin_with_body(start)

    async def _begin_with_body(self, start: Message) -> None:
        length = self._fields.get(b"content-length")
        if length is not None and not self._is_chunked(start):
            self._unsent = int(length)
            if self._unsent < self._middleware.minimum_size:
                await self._send(start)
                return
        self._start = start

    def _is_chunked(self, start: Message) -> bool:
        """Whether the answer is chunked, so that a stated length means nothing (RFC 9112 §6.3)."""
        return b"transfer-encoding" in self._fields or start.get("trailers", False)

    def _must_not_change(self, headers: _Headers) -> bool:
        content_type = self._fields.get(b"content-type", b"")
        return (
            b"content-encoding" in self._fields
            or _is_excluded(content_type, self._middleware.exclude_content_types)
            or (b"cache-control" in self._fields and _must_not_transform(headers))
        )

    async def _decide(self, start: Message, message: Message) -> None:
        """Sends the start that was held back, then the message after it."""
        self._start = None
        if not self._is_worthwhile(message):
            await self._send(start)
        elif not self._is_accepted:
            await self._send(self._changed(start, {}))
        else:
            if self._unsent is not None:
                self._scope[LENGTH_IS_KNOWN] = True
            if self._scope.get("method") != "HEAD":
                await self._compress(start, message)
                return
            await self._send(self._encoded(start, None))  # only GET finds out the length
        await self._send(message)

    def _is_worthwhile(self, message: Message) -> bool:
        if message["type"] != _BODY:
            return False
        if message.get("more_body", False):
            # Where the server offers this extension, the next piece may come as a file.
            return _ZERO_COPY not in (self._scope.get("extensions") or ())
        size = len(message.get("body", b""))
        return self._unsent is not None or size >= self._middleware.minimum_size

    async def _compress(self, start: Message, message: Message) -> None:
        self._compressor = compressor = _deflate.compressobj(
            self._middleware.compresslevel, zlib.DEFLATED, 16 + zlib.MAX_WBITS, MEMORY_LEVEL
        )
        data = await self._deflated(compressor, message)
        length = len(data) if self._is_finished and not self._is_chunked(start) else None
        await self._send(self._encoded(start, length))
        await self._send_deflated(message, data)

    async def _continue(self, compressor: "zlib._Compress", message: Message) -> None:
        kind = message["type"]
        if kind == _BODY:
            await self._send_deflated(message, await self._deflated(compressor, message))
        elif kind in _FILES:
            raise RuntimeError(f"{kind} after a piece of the body, which is compressed already")
        else:
            await self._send(message)

    async def _send_deflated(self, message: Message, data: bytes) -> None:
        if not message.get("more_body", False):
            self._compressor = None
        await self._send({**message, "body": data})

    async def _deflated(self, compressor: "zlib._Compress", message: Message) -> bytes:
        """Returns the next bytes of the compressed body.

        Raises RuntimeError, as servers do, if the body is not as long as the app has stated. The
        server does not get that length, and the client would take a part for the whole.
        """
        body = message.get("body", b"")
        is_last = not message.get("more_body", False)
        if self._unsent is not None:
            self._unsent -= len(body)
            if self._unsent < 0 or (is_last and self._unsent > 0):
                problem = "longer" if self._unsent < 0 else "shorter"
                raise RuntimeError(f"Response content {problem} than Content-Length")
            is_last = self._unsent == 0
        if self._is_finished:
            return b""
        self._is_finished = is_last
        self._scope[PLAIN_BYTES] = self._scope.get(PLAIN_BYTES, 0) + len(body)
        if len(body) < self._middleware.thread_minimum_size:
            return _deflate_piece(compressor, body, is_last)
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(_threads, _deflate_piece, compressor, body, is_last)

    def _encoded(self, start: Message, length: int | None) -> Message:
        size = None if length is None else b"%d" % length
        changes = {b"content-encoding": b"gzip", b"content-length": size, **self._weak_etag()}
        return self._changed(start, changes)

    def _weak_etag(self) -> _Changes:
        """Two encodings of one resource are equal in meaning, not in bytes (RFC 9110 §8.8.1)."""
        etag = self._fields.get(b"etag", b"")
        return {b"etag": b"W/" + etag} if etag.startswith(b'"') else {}

    def _changed(self, start: Message, changes: _Changes) -> Message:
        """Returns the start with these fields, and with Vary, and without those that are None."""
        headers = start["headers"]
        vary = _vary(headers) if b"vary" in self._fields else b"Accept-Encoding"
        changes = {b"vary": vary, **changes}
        kept = [pair for pair in headers if pair[0].lower() not in changes]
        added = [(name, value) for name, value in changes.items() if value is not None]
        return {**start, "headers": kept + added}


def _vary(headers: _Headers) -> bytes:
    """All elements of Vary, each once, and Accept-Encoding."""
    lines = [value for name, value in headers if name.lower() == b"vary"]
    elements = [element.strip() for element in b",".join([*lines, b"Accept-Encoding"]).split(b",")]
    names = {element.lower(): element for element in elements if element}
    return b"*" if b"*" in names else b", ".join(names.values())


def _must_not_transform(headers: _Headers) -> bool:
    """Whether Cache-Control contains `no-transform` (RFC 9111 §5.2.2.6)."""
    lines = [value for name, value in headers if name.lower() == b"cache-control"]
    directives = b",".join(lines).lower().split(b",")
    return b"no-transform" in (directive.strip() for directive in directives)


@functools.lru_cache(maxsize=64)
def _is_excluded(content_type: bytes, excluded: frozenset[str]) -> bool:
    media_type = _media_type(content_type.decode("latin-1"))
    names = {media_type, media_type.partition("/")[0] + "/*"}
    if media_type.startswith("application/grpc+"):
        names.add("application/grpc")
    return not names.isdisjoint(excluded)


def _media_type(content_type: str) -> str:
    return content_type.partition(";")[0].strip().lower()


def _deflate_piece(compressor: "zlib._Compress", body: bytes, is_last: bool) -> bytes:
    mode = zlib.Z_FINISH if is_last else zlib.Z_SYNC_FLUSH
    return compressor.compress(body) + compressor.flush(mode)
