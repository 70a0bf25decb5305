"""No app's answer changes under the middleware, except for its encoding: hypothesis draws apps."""

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from hypothesis import event, given, settings
from hypothesis import strategies as st
from uvicorn_pod.asgi import App, Message, Receive, Scope, Send
from uvicorn_pod.gzip import GZipMiddleware
from uvicorn_pod.request_record import PLAIN_BYTES

from tests.support import asgi

MINIMUM = 100
WITHOUT_BODY = (204, 205, 304)
CODINGS = {b"gzip": b"gzip", b"br, *": b"gzip", b"gzip, deflate, br, zstd": b"zstd"}
CHANGED_BY_GZIP = {b"content-encoding", b"content-length", b"etag", b"vary"}


class _Drawn(NamedTuple):
    """An app's answer. `case` writes its header names."""

    status: int
    pieces: list[bytes]
    headers: list[tuple[bytes, bytes]]
    is_length_stated: bool
    case: Callable[[bytes], bytes]
    collect: Callable[[list[tuple[bytes, bytes]]], Any]

    def messages(self) -> list[Message]:
        pieces = [b""] if self.status in WITHOUT_BODY else self.pieces
        headers = [*self.headers]
        if self.is_length_stated and self.status not in WITHOUT_BODY:
            headers.append((b"content-length", b"%d" % len(b"".join(pieces))))
        messages = asgi.answer(*pieces, status=self.status)
        named = [(self.case(name), value) for name, value in headers]
        return [{**messages[0], "headers": self.collect(named)}, *messages[1:]]


PIECE = st.one_of(
    st.sampled_from([b"", b"a", b"y" * (MINIMUM - 1), b"x" * MINIMUM]),
    st.binary(max_size=300),
    st.integers(1, 3000).map(lambda size: (b"sentinel " * size)[:size]),
)
FIELDS = st.sampled_from(
    [
        (b"content-type", b"text/html; charset=utf-8"),
        (b"content-type", b"text/event-stream"),
        (b"content-type", b"image/png"),
        (b"content-encoding", b"gzip"),
        (b"content-encoding", b"br"),
        (b"cache-control", b"max-age=5"),
        (b"cache-control", b"No-Transform"),
        (b"etag", b'"a"'),
        (b"etag", b'W/"a"'),
        (b"vary", b"Cookie"),
        (b"vary", b"accept-encoding, Origin"),
        (b"set-cookie", b"a=1"),
        (b"set-cookie", b"b=2"),
    ]
)
ANSWERS = st.builds(
    _Drawn,
    st.sampled_from([200] * 6 + [201, 206, 404, 500, *WITHOUT_BODY]),
    st.lists(PIECE, min_size=1, max_size=4) | PIECE.map(lambda body: [body, b""]),
    st.just([]) | st.lists(FIELDS, max_size=4, unique_by=lambda field: field[0]),
    st.booleans(),
    st.sampled_from([bytes.lower, bytes.title, bytes.upper, bytes.swapcase]),
    st.sampled_from([list, tuple, iter]),
)


class _Calls:
    """Calls one drawn app with and without the middleware."""

    def __init__(self, drawn: _Drawn, method: str, accepted: bytes, threshold: int) -> None:
        self.seen: list[tuple[int, int]] = []
        self._drawn = drawn
        self._method = method
        self._accepted = accepted
        self._threshold = threshold
        self._sent: list[Message] = []

    def run(self, *, with_gzip: bool) -> tuple[list[Message], Scope]:
        """The messages, and the scope after the call."""
        scope = asgi.http_scope(method=self._method, headers=[(b"accept-encoding", self._accepted)])
        app: App = self._app
        if with_gzip:
            app = GZipMiddleware(self._app, MINIMUM, 5, self._threshold)
        self._sent = []
        self.seen = []
        return asgi.call(app, scope, self._sent), scope

    async def _app(self, _scope: Scope, _receive: Receive, send: Send) -> None:
        given_bytes = 0
        for message in self._drawn.messages():
            await send(message)
            if message["type"] == asgi.BODY and self._method == "GET":
                given_bytes += len(message["body"])
                self.seen.append((given_bytes, self._readable_bytes()))

    def _readable_bytes(self) -> int:
        """How many bytes of the body the client can read by now."""
        raw = asgi.raw_body(self._sent)
        coding = asgi.fields(self._sent, b"content-encoding")
        is_ours = coding != _own_encoding(self._drawn)
        return len(asgi.decoder(coding[0].decode()).decompress(raw)) if is_ours else len(raw)


def _own_encoding(drawn: _Drawn) -> list[bytes]:
    return [value for name, value in drawn.headers if name == b"content-encoding"]


def _unchanged(messages: list[Message]) -> Iterator[tuple[bytes, bytes]]:
    for name, value in messages[0]["headers"]:
        if name.lower() not in CHANGED_BY_GZIP:
            yield name, value


@settings(max_examples=1000, deadline=None, database=None)
@given(ANSWERS, st.sampled_from([*CODINGS, b"gzip;q=0"]), st.sampled_from([50, 10**6]))
def test_the_client_gets_the_same_answer(drawn: _Drawn, accepted: bytes, threshold: int) -> None:
    calls = _Calls(drawn._replace(collect=list), "GET", accepted, threshold)
    plain, _ = calls.run(with_gzip=False)
    calls = _Calls(drawn, "GET", accepted, threshold)
    sent, scope = calls.run(with_gzip=True)
    own = asgi.fields(plain, b"content-encoding")
    is_encoded = asgi.fields(sent, b"content-encoding") != own
    event(f"compressed: {is_encoded}")

    assert sent[0]["status"] == plain[0]["status"]
    assert list(_unchanged(sent)) == list(_unchanged(plain))
    if own:
        assert sent == plain
    body = asgi.raw_body(plain)
    assert (asgi.decoded_body(sent) if is_encoded else asgi.raw_body(sent)) == body
    assert scope.get(PLAIN_BYTES) == (len(body) if is_encoded else None)
    assert [given for given, _ in calls.seen] == [readable for _, readable in calls.seen]
    if is_encoded:
        assert asgi.fields(sent, b"content-encoding") == [CODINGS[accepted]]
        assert len(body) >= MINIMUM or (len(drawn.pieces) > 1 and not drawn.is_length_stated)
    else:
        assert asgi.fields(sent, b"content-length") == asgi.fields(plain, b"content-length")


@settings(max_examples=500, deadline=None, database=None)
@given(ANSWERS, st.sampled_from([b"gzip", b"zstd", b"gzip;q=0"]))
def test_head_has_the_fields_of_get(drawn: _Drawn, accepted: bytes) -> None:
    get, _ = _Calls(drawn, "GET", accepted, 10**6).run(with_gzip=True)
    head, scope = _Calls(drawn, "HEAD", accepted, 10**6).run(with_gzip=True)
    names = {name.lower() for name, _ in get[0]["headers"]}
    if asgi.fields(get, b"content-encoding") not in ([], _own_encoding(drawn)):
        names.discard(b"content-length")  # only GET finds it out
    for name in names:
        assert asgi.fields(head, name) == asgi.fields(get, name), name
    assert PLAIN_BYTES not in scope, "a HEAD was compressed"
