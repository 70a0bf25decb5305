"""The content coding that a client prefers."""

import functools


def preferred_coding(value: bytes, codings: tuple[str, ...]) -> str | None:
    """The best of `codings` for a client with this Accept-Encoding (RFC 9110 §12.5.3).

    The greatest weight decides, and among equal weights the order of `codings`. None means that the
    client accepts none of them or prefers the plain answer.

    `*` stands for gzip alone: a client that can decode a newer coding names it. A malformed element
    counts as absent.
    """
    # Only short values are cached: browsers send the same few, and a client could send any.
    choose = _preferred_coding if len(value) < 100 else _preferred_coding.__wrapped__
    return choose(value, codings)


@functools.lru_cache(maxsize=64)
def _preferred_coding(value: bytes, codings: tuple[str, ...]) -> str | None:
    weights: dict[str, float] = {}
    for element in value.decode("latin-1").lower().split(","):
        coding, _, parameter = element.partition(";")
        weight = _weight(parameter.strip())
        if weight is not None:
            weights[coding.strip()] = weight
    weights.setdefault("gzip", weights.get("x-gzip", weights.get("*", 0.0)))
    best = max(codings, key=lambda coding: weights.get(coding, 0.0))
    weight = weights.get(best, 0.0)
    return best if 0 < weight >= weights.get("identity", 0.0) else None


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
