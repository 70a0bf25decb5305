"""zstd answers can be decoded by any client, piece by piece, and have the fields of gzip's."""

import random
import shutil
import subprocess
import sys

import pytest
from reference import catalog
from starlette.testclient import TestClient
from uvicorn_pod.asgi import Message, Receive, Scope, Send
from uvicorn_pod.gzip import GZipMiddleware
from uvicorn_pod.zstd_encoder import ZstdEncoder

from tests.support import asgi

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

ZSTD = [(b"accept-encoding", b"zstd")]
LARGE = b"sentinel " * 1_000
MOST_WINDOW_LOG = 23  # 8 MB, RFC 9659 §3
STREAM_WINDOW_LOG = 17


def _scope(**changes: object) -> dict[str, object]:
    return asgi.http_scope(headers=ZSTD, **changes)


def _decoded(data: bytes, window_log: int) -> bytes:
    """Raises zstd.ZstdError if the frame needs a larger window."""
    options: dict[int, int] = {zstd.DecompressionParameter.window_log_max: window_log}
    return zstd.decompress(data, options=options)


def _bodies() -> list[bytes]:
    """Many sizes and kinds, the same every time."""
    source = random.Random(1)
    sizes = [0, 1, 2, 255, 256, 257, 65_791, 131_071, 131_072, 131_073, 300_000]
    sizes += [source.randrange(200_000) for _ in range(30)]
    texts = [(b"%d sentinel " % size * (size // 9 + 1))[:size] for size in sizes]
    return [*texts, *(source.randbytes(size) for size in sizes)]


def _frames(body: bytes) -> list[bytes]:
    """The body as one piece, and in four."""
    step = len(body) // 4 + 1
    parts = [body[start : start + step] for start in range(0, 4 * step, step)]
    encoder = ZstdEncoder()
    pieces = [encoder.encode(part, part is parts[-1]) for part in parts[:3]]
    return [ZstdEncoder().encode(body, True), b"".join([*pieces, encoder.encode(parts[3], True)])]


@pytest.mark.skipif(shutil.which("zstd") is None, reason="needs the command `zstd`")
def test_another_decoder_reads_the_same_bytes() -> None:
    bodies = _bodies()
    data = b"".join(frame for body in bodies for frame in _frames(body))
    command = ["zstd", "--decompress", "--stdout", "--memory=8MB"]
    done = subprocess.run(command, input=data, capture_output=True, check=True, timeout=60)
    assert done.stdout == b"".join(body * 2 for body in bodies)


def test_no_frame_needs_a_larger_window_than_clients_must_accept() -> None:
    body = random.Random(1).randbytes(10_000_000) * 2
    with pytest.raises(zstd.ZstdError):
        _decoded(zstd.compress(body, 19), 20)  # the control: the limit is obeyed
    whole, stream = _frames(body)
    assert _decoded(whole, MOST_WINDOW_LOG) == body
    assert _decoded(stream, STREAM_WINDOW_LOG) == body


def test_a_body_in_one_piece_states_its_size_in_the_frame() -> None:
    whole, stream = _frames(catalog.body())
    assert zstd.get_frame_info(whole).decompressed_size == len(catalog.body())
    assert zstd.get_frame_info(stream).decompressed_size is None


@pytest.mark.parametrize("threshold", [1, 10**6], ids=["in a thread", "on the loop"])
def test_each_piece_can_be_decoded_before_the_app_makes_the_next(threshold: int) -> None:
    pieces = [b"{}\n", LARGE, b"", b"x" * 200_000, LARGE]
    sent: list[Message] = []
    decoder = asgi.decoder("zstd")
    decoded: list[bytes] = []

    async def app(_scope: Scope, _receive: Receive, send: Send) -> None:
        start, *bodies = asgi.answer(*pieces)
        await send(start)
        for body in bodies:
            await send(body)
            decoded.append(decoder.decompress(sent[-1]["body"]))

    asgi.call(GZipMiddleware(app, thread_minimum_size=threshold), _scope(), sent)
    assert decoded == pieces
    assert decoder.eof
    assert asgi.fields(sent, b"content-encoding") == [b"zstd"]
    assert asgi.fields(sent, b"content-length") == []


def test_the_fields_of_a_compressed_answer() -> None:
    headers = [(b"Content-Length", b"9000"), (b"ETag", b'"a"'), (b"Vary", b"Cookie")]
    app = GZipMiddleware(asgi.answering(*asgi.answer(LARGE, headers=headers)))
    sent, head = asgi.call(app, _scope()), asgi.call(app, _scope(method="HEAD"))
    for messages in (sent, head):
        assert asgi.fields(messages, b"content-encoding") == [b"zstd"]
        assert asgi.fields(messages, b"etag") == [b'W/"a"']
        assert asgi.fields(messages, b"vary") == [b"Cookie, Accept-Encoding"]
    assert asgi.fields(sent, b"content-length") == [b"%d" % len(asgi.raw_body(sent))]
    assert asgi.fields(head, b"content-length") == []
    assert asgi.decoded_body(sent) == LARGE


@pytest.mark.parametrize(("status", "etag"), [(206, b'"a"'), (304, b'W/"a"')])
def test_a_206_and_a_304_are_not_compressed(status: int, etag: bytes) -> None:
    body = LARGE if status == 206 else b""
    app = asgi.answering(*asgi.answer(body, status=status, headers=[(b"etag", b'"a"')]))
    sent = asgi.call(GZipMiddleware(app, minimum_size=0), _scope())
    assert asgi.fields(sent, b"content-encoding") == []
    assert asgi.fields(sent, b"etag") == [etag]
    assert asgi.fields(sent, b"vary") == [b"Accept-Encoding"]
    assert asgi.raw_body(sent) == body


def test_a_client_library_decodes_the_catalog() -> None:
    app = GZipMiddleware(asgi.answering(*asgi.answer(catalog.body())))
    answer = TestClient(app).get("/", headers={"accept-encoding": "zstd"})
    assert answer.headers["content-encoding"] == "zstd"
    assert answer.content == catalog.body()
