"""CPU time and size of zstd and of each level of deflate, against zlib's level 5.

The bodies are three kinds of answers.
"""

import zlib
from collections.abc import Callable
from statistics import median, quantiles
from time import thread_time

from isal import isal_zlib
from uvicorn_pod.gzip_encoder import MEMORY_LEVEL
from uvicorn_pod.zstd_encoder import ZstdEncoder
from zlib_ng import zlib_ng

from bench.shapes import all_shapes

ROUNDS = 15
GZIP_WBITS = 16 + zlib.MAX_WBITS
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


BASE = "zlib 5"
CANDIDATES: dict[str, Compress] = {
    BASE: _zlib(5),
    "zlib 1": _zlib(1),
    **{f"zlib-ng {level}": _zlib_ng(level) for level in (1, 2, 3, 4, 5, 6, 7)},
    "zstd": _zstd,
    **{f"isal {level}": _isal(level) for level in (1, 3)},
}


def main() -> None:
    """Prints one table per shape; each ratio is the median of the ratios within each round."""
    for shape, body in all_shapes().items():
        seconds: dict[str, list[float]] = {name: [] for name in CANDIDATES}
        sizes: dict[str, int] = {}
        for _ in range(ROUNDS):
            for name, compress in CANDIDATES.items():
                started = thread_time()
                sizes[name] = len(compress(body))
                seconds[name].append(thread_time() - started)
        print(f"\n{shape}, {len(body):,} bytes; {ROUNDS} rounds")
        print("             CPU ms     bytes   less CPU (quartiles)   more bytes")
        for name, times in seconds.items():
            gains = [base / own for base, own in zip(seconds[BASE], times, strict=True)]
            low, _, high = quantiles(gains, n=4)
            more = 100 * (sizes[name] / sizes[BASE] - 1)
            print(
                f"  {name:9} {median(times) * 1e3:7.2f} {sizes[name]:9,}"
                f"   {median(gains):5.2f}x ({low:.2f}-{high:.2f})   {more:+9.2f} %"
            )


if __name__ == "__main__":
    main()
