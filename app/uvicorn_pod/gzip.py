"""Compression for any ASGI app, as RFC 9110 asks: gzip, and zstd for clients that accept it.

    from uvicorn_pod.gzip import GZipMiddleware

    app.add_middleware(GZipMiddleware, minimum_size=1024, compresslevel=5)

The middleware takes the parameters of Starlette's, but needs no framework. The deflate is
zlib-ng's. Level 5 is recommended: it takes half of the CPU of zlib's level 5, for slightly fewer
bytes. Level 3 takes 0.4 of it, for up to 9 % more. `make bench BENCH=compression` measures all.
"""

import asyncio
import re
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor

from uvicorn_pod.accept_encoding import preferred_coding
from uvicorn_pod.asgi import App, Message, Receive, Scope, Send
from uvicorn_pod.compressible import (
    DEFAULT_EXCLUDED_CONTENT_TYPES,
    Headers,
    is_excluded,
    media_type,
    must_not_transform,
    vary_with_accept_encoding,
)
from uvicorn_pod.encoders import Encoder, encoders
from uvicorn_pod.request_record import ANSWER_HELD_BACK, LENGTH_IS_KNOWN, PLAIN_BYTES

# The key in the scope by which a middleware tells those inside it that it compresses the answer.
IS_COMPRESSED_OUTSIDE = "uvicorn_pod.is_compressed_outside"
_BODY = "http.response.body"
_ZERO_COPY = "http.response.zerocopysend"
_ETAG = re.compile(rb'(?:W/)?"[^"]*"')
_FILES = (_ZERO_COPY, "http.response.pathsend")

# Dedicated threads: the app's own work in threads must not delay answers, nor the reverse.
_threads = ThreadPoolExecutor(thread_name_prefix="gzip")

_Changes = Mapping[bytes, bytes | None]


class GZipMiddleware:
    """Compresses the answers of an app for clients that accept gzip or zstd.

    If several are nested, only the outermost compresses, with its parameters. So `--gzip` takes the
    place of a middleware in the app.
    """

    def __init__(
        self,
        app: App,
        minimum_size: int = 500,
        compresslevel: int = 9,
        thread_minimum_size: int = 128 * 1024,
        *,
        exclude_content_types: tuple[str, ...] = DEFAULT_EXCLUDED_CONTENT_TYPES,
        zstd: bool = True,
    ) -> None:
        """Sizes are in bytes; `compresslevel` is gzip's, 1 (fastest) to 9 (smallest).

        Pieces of at least `thread_minimum_size` are compressed in a thread, because they would
        block the event loop. `exclude_content_types` may contain patterns such as `audio/*`. With
        `zstd`, clients that accept it get zstd, unless they prefer gzip. This needs the extra
        `uvicorn-pod[zstd]`. Without it, all get gzip, and one warning is logged.
        """
        self.app = app
        self.minimum_size = minimum_size
        self.compresslevel = compresslevel
        self.thread_minimum_size = thread_minimum_size
        self.exclude_content_types = frozenset(map(media_type, exclude_content_types))
        self._encoders = encoders(compresslevel, zstd=zstd)
        self._codings = tuple(self._encoders)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Calls the app; compresses its answer if the client accepts that."""
        if scope["type"] != "http" or IS_COMPRESSED_OUTSIDE in scope:
            await self.app(scope, receive, send)
            return
        scope[IS_COMPRESSED_OUTSIDE] = True
        headers = scope.get("headers", ())
        if not isinstance(headers, list | tuple):  # an iterator can be read only once
            headers = scope["headers"] = list(headers)
        values = [value for name, value in headers if name.lower() == b"accept-encoding"]
        coding = preferred_coding(b",".join(values), self._codings) if values else None
        await self.app(scope, receive, _Answer(self, scope, send, coding).send)

    def encoder(self, coding: str) -> Encoder:
        """Returns a new encoder."""
        return self._encoders[coding]()


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
    _encoder: Encoder | None = None
    _is_finished = False  # the encoder has written its last byte

    def __init__(
        self, middleware: GZipMiddleware, scope: Scope, send: Send, coding: str | None
    ) -> None:
        self._middleware = middleware
        self._scope = scope
        self._send = send
        self._coding = coding

    async def send(self, message: Message) -> None:
        """Takes a message of the app, and sends what the client should get."""
        if self._encoder is not None:
            await self._continue(self._encoder, message)
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
            is_weak = self._coding is not None and not self._has_client_strong_etag()
            await self._send(self._changed(start, self._weak_etag() if is_weak else {}))
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
        self._scope[ANSWER_HELD_BACK] = True

    def _is_chunked(self, start: Message) -> bool:
        """Whether the answer is chunked, so that a stated length means nothing (RFC 9112 §6.3)."""
        return b"transfer-encoding" in self._fields or start.get("trailers", False)

    def _must_not_change(self, headers: Headers) -> bool:
        content_type = self._fields.get(b"content-type", b"")
        return (
            b"content-encoding" in self._fields
            or is_excluded(content_type, self._middleware.exclude_content_types)
            or (b"cache-control" in self._fields and must_not_transform(headers))
        )

    async def _decide(self, start: Message, message: Message) -> None:
        """Sends the start that was held back, then the message after it."""
        self._start = None
        if not self._is_worthwhile(message):
            await self._send(start)
        elif self._coding is None:
            await self._send(self._changed(start, {}))
        else:
            if self._unsent is not None:
                self._scope[LENGTH_IS_KNOWN] = True
            if self._scope.get("method") != "HEAD":
                await self._compress(start, message, self._coding)
                return
            # Only GET finds out the length.
            await self._send(self._encoded(start, self._coding, None))
        await self._send(message)

    def _is_worthwhile(self, message: Message) -> bool:
        if message["type"] != _BODY:
            return False
        if message.get("more_body", False):
            # Where the server offers this extension, the next piece may come as a file.
            return _ZERO_COPY not in (self._scope.get("extensions") or ())
        size = len(message.get("body", b""))
        return self._unsent is not None or size >= self._middleware.minimum_size

    async def _compress(self, start: Message, message: Message, coding: str) -> None:
        self._encoder = encoder = self._middleware.encoder(coding)
        data = await self._encode(encoder, message)
        length = len(data) if self._is_finished and not self._is_chunked(start) else None
        await self._send(self._encoded(start, coding, length))
        await self._send_data(message, data)

    async def _continue(self, encoder: Encoder, message: Message) -> None:
        kind = message["type"]
        if kind == _BODY:
            await self._send_data(message, await self._encode(encoder, message))
        elif kind in _FILES:
            raise RuntimeError(f"{kind} after a piece of the body, which is compressed already")
        else:
            await self._send(message)

    async def _send_data(self, message: Message, data: bytes) -> None:
        if not message.get("more_body", False):
            self._encoder = None
        await self._send({**message, "body": data})

    async def _encode(self, encoder: Encoder, message: Message) -> bytes:
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
            return encoder.encode(body, is_last)
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(_threads, encoder.encode, body, is_last)

    def _encoded(self, start: Message, coding: str, length: int | None) -> Message:
        size = None if length is None else b"%d" % length
        encoding = coding.encode()
        changes = {b"content-encoding": encoding, b"content-length": size, **self._weak_etag()}
        return self._changed(start, changes)

    def _weak_etag(self) -> _Changes:
        """Two encodings of one resource are equal in meaning, not in bytes (RFC 9110 §8.8.1)."""
        etag = self._fields.get(b"etag", b"")
        return {b"etag": b"W/" + etag} if etag.startswith(b'"') else {}

    def _has_client_strong_etag(self) -> bool:
        """Whether the client names the app's own strong ETag: its 200 was not compressed.

        The 304 alone does not tell, because the size or the type of the 200 may be missing.
        """
        fields = self._scope.get("headers", ())
        values = [value for name, value in fields if name.lower() == b"if-none-match"]
        tags = _ETAG.findall(b",".join(values))
        etag = self._fields.get(b"etag", b"")
        return etag in tags and b"W/" + etag not in tags

    def _changed(self, start: Message, changes: _Changes) -> Message:
        """Returns the start with these fields, and with Vary, and without those that are None."""
        headers = start["headers"]
        is_varied = b"vary" in self._fields
        vary = vary_with_accept_encoding(headers) if is_varied else b"Accept-Encoding"
        changes = {b"vary": vary, **changes}
        kept = [pair for pair in headers if pair[0].lower() not in changes]
        added = [(name, value) for name, value in changes.items() if value is not None]
        return {**start, "headers": kept + added}
