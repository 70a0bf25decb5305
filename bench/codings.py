"""Compresses one body by each library and level: the CPU time, and the bytes that are left."""

import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from statistics import median
from time import thread_time

import brotli
from isal import isal_zlib
from uvicorn_pod.gzip_encoder import MEMORY_LEVEL
from uvicorn_pod.zstd_encoder import ZstdEncoder
from zlib_ng import zlib_ng

from bench import rounds

GZIP_WBITS = 16 + zlib.MAX_WBITS
LEAST_SECONDS = 0.002
"""A small body is compressed several times, because the clock of a thread is coarse."""
Compress = Callable[[bytes], bytes]


def _zlib(level: int) -> Compress:
    return lambda body: zlib.compress(body, level, GZIP_WBITS)


def _zlib_ng(level: int) -> Compress:
    def compress(body: bytes) -> bytes:
        compressor = zlib_ng.compressobj(level, zlib.DEFLATED, GZIP_WBITS, MEMORY_LEVEL)
        return compressor.compress(body) + compressor.flush()

    return compress


def _isal(level: int) -> Compress:
    return lambda body: isal_zlib.compress(body, level, GZIP_WBITS)


def _zstd(body: bytes) -> bytes:
    return ZstdEncoder().encode(body, is_last=True)


def _brotli(quality: int) -> Compress:
    return lambda body: brotli.compress(body, mode=brotli.MODE_TEXT, quality=quality)


BASE = "zlib 5"
OURS = "zlib-ng 5"
FAST = "zlib-ng 3"
ZSTD = "zstd"
CODINGS: Mapping[str, Compress] = {
    **{f"zlib {level}": _zlib(level) for level in range(1, 10)},
    **{f"zlib-ng {level}": _zlib_ng(level) for level in range(1, 10)},
    **{f"isal {level}": _isal(level) for level in range(4)},
    ZSTD: _zstd,
    # Higher qualities take seconds for the largest body, so servers use them only for files.
    **{f"brotli {quality}": _brotli(quality) for quality in (1, 4, 6)},
}


@dataclass
class Cost:
    """What one coding does to one body."""

    plain_bytes: int
    sent_bytes: int = 0
    seconds: list[float] = field(default_factory=list)
    """CPU time of one compression, in each round."""

    @property
    def milliseconds(self) -> float:
        """The median of the rounds."""
        return median(self.seconds) * 1e3

    @property
    def share(self) -> float:
        """Bytes that are left, as a share of the body."""
        return self.sent_bytes / self.plain_bytes

    @property
    def megabits_per_second(self) -> float:
        """The bandwidth at which the transfer saves as much time as the compression takes."""
        saved_bits = 8 * (self.plain_bytes - self.sent_bytes)
        return saved_bits / median(self.seconds) / 1e6


def compressed(body: bytes, times: int, codings: Mapping[str, Compress]) -> dict[str, Cost]:
    """Compresses the body by each coding in turn, so many times."""
    costs = {name: Cost(len(body)) for name in codings}
    for _ in range(times):
        for name, compress in codings.items():
            number, started, spent = 0, thread_time(), 0.0
            while spent < LEAST_SECONDS:
                costs[name].sent_bytes = len(compress(body))
                number += 1
                spent = thread_time() - started
            costs[name].seconds.append(spent / number)
    return costs


def ratios(costs: Mapping[str, Cost], name: str, base: str) -> list[float]:
    """CPU of one coding, divided by that of another in the same round."""
    return rounds.ratios(costs[name].seconds, costs[base].seconds)
