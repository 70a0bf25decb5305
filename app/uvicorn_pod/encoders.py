"""The encoders that the middleware chooses from, by the names of their content codings."""

import functools
import logging
from collections.abc import Callable
from typing import Protocol

from uvicorn_pod.gzip_encoder import GzipEncoder


class Encoder(Protocol):
    """Encodes one body, piece by piece."""

    def encode(self, body: bytes, is_last: bool) -> bytes:
        """Encodes the next piece, so that a client can decode all of it at once."""


MakeEncoder = Callable[[], Encoder]


def encoders(gzip_level: int, *, zstd: bool) -> dict[str, MakeEncoder]:
    """Returns a function per coding that makes an encoder; the first coding is preferred.

    Logs one warning per process if `zstd` is true and no library for it is installed.
    """
    makers: dict[str, MakeEncoder] = {"gzip": functools.partial(GzipEncoder, gzip_level)}
    make_zstd = _zstd_encoder() if zstd else None
    return makers if make_zstd is None else {"zstd": make_zstd, **makers}


@functools.cache  # so that the warning is logged once
def _zstd_encoder() -> MakeEncoder | None:
    try:
        from uvicorn_pod.zstd_encoder import ZstdEncoder  # noqa: PLC0415 - only where zstd is on
    except ImportError:
        logging.getLogger("uvicorn.error").warning(
            "zstd is not installed: clients that accept it get gzip, which takes more CPU; "
            "install uvicorn-pod[zstd], or set --no-zstd."
        )
        return None
    return ZstdEncoder
