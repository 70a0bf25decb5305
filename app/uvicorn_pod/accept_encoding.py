"""The content codings that a client accepts."""

import functools


def accepts_gzip(value: bytes) -> bool:
    """Whether Accept-Encoding (RFC 9110 §12.5.3) allows gzip and prefers nothing to it.

    A malformed element counts as absent.
    """
    # Only short values are cached: browsers send the same few, and a client could send any.
    return _accepts_gzip(value) if len(value) < 100 else _accepts_gzip.__wrapped__(value)


@functools.lru_cache(maxsize=64)
def _accepts_gzip(value: bytes) -> bool:
    weights: dict[str, float] = {}
    for element in value.decode("latin-1").lower().split(","):
        coding, _, parameter = element.partition(";")
        weight = _weight(parameter.strip())
        if weight is not None:
            weights[coding.strip()] = weight
    gzip = weights.get("gzip", weights.get("x-gzip", weights.get("*", 0.0)))
    return 0 < gzip >= weights.get("identity", 0.0)


def _weight(parameter: str) -> float | None:
    """The number in `q=0.5`; 1 if there is no parameter, None if it is malformed."""
    if not parameter:
        return 1.0
    name, _, number = parameter.partition("=")
    digits = number.strip()
    if name.strip() != "q" or not digits.replace(".", "", 1).isdecimal() or not digits.isascii():
        return None
    weight = float(digits)
    return weight if weight <= 1 else None
