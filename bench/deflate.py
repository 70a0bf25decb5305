"""CPU time and size of zstd and of each level of deflate, against zlib's level 5.

The bodies are three kinds of answers.
"""

from statistics import median, quantiles
from time import thread_time

from bench.codings import BASE, CODINGS, ZSTD
from bench.shapes import all_shapes

ROUNDS = 15
NAMES = (BASE, "zlib 1", *(f"zlib-ng {level}" for level in range(1, 8)), ZSTD, "isal 1", "isal 3")
CANDIDATES = {name: CODINGS[name] for name in NAMES}


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
