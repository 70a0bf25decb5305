"""What an answer of `uvicorn-pod --gzip` has to be, given that of plain uvicorn."""

import gzip
import re
from collections.abc import Callable
from itertools import takewhile
from operator import eq

from backports import zstd

from tests.image.comparison.answers import Compared
from tests.support.strict_client import Reply

MINIMUM_SIZE = 1024  # the default of --gzip-minimum-size
PREFERRED: dict[str, list[str]] = {"plain": [], "gzip": ["gzip"], "browser": ["zstd"]}
DECODERS: dict[str, Callable[[bytes], bytes]] = {
    "gzip": gzip.decompress,
    "zstd": zstd.decompress,
}
NOT_CODED = ("text/event-stream", "image/png")
# Each of these has a rule below (RFC 9110 §8.4, §8.6, §8.8.1, §12.5.5).
CHANGED_BY_CODING = {"content-encoding", "content-length", "transfer-encoding", "vary", "etag"}
DATE = "[A-Z][a-z]{2}, [0-9]{2} [A-Z][a-z]{2} [0-9]{4} [0-9:]{8} GMT"
# What an app draws, measures or reads from the clock for each answer.
MASKS: dict[str, dict[str, str]] = {
    "every app": {"time of the answer": f"(?<=^date: ){DATE}$"},
    "datasette": {
        "duration of a query in JSON": r'(?<="query_ms": )[0-9.e-]+',
        "duration of the queries of a page": r"(?<=Queries took )[0-9.]+(?=ms)",
    },
    "django": {
        "token of a form": '(?<=name="csrfmiddlewaretoken" value=")[A-Za-z0-9]{64}',
        "token in the cookie": "(?<=csrftoken=)[A-Za-z0-9]{32}(?=;)",
        "expiry of the cookie": f"(?<=; expires=){DATE}",
        "expiry of a page": f"(?<=^expires: ){DATE}$",
    },
    "quart": {"expiry of a file": f"(?<=^expires: ){DATE}$"},
}

Pair = tuple[object, object]
"""A part of our answer, and what it has to be."""


def decoded(reply: Reply) -> bytes:
    """The body without its content coding. Raises the exceptions of the decoders."""
    body = reply.body
    for coding in reply.all("content-encoding") if body else []:
        body = DECODERS[coding](body)
    return body


def masked(app: str, text: str) -> str:
    """The text, with the name of each mask in place of what it matches."""
    for name, pattern in {**MASKS["every app"], **MASKS.get(app, {})}.items():
        text = re.sub(pattern, f"<{name}>", text)
    return text


def faults(one: Compared) -> dict[str, str]:
    """What is wrong with our answer, by the part of it that is wrong."""
    found = {part: rule(one) for part, rule in RULES.items()}
    return {
        part: f"{one}: {part} {ours!r:.500}, wanted {wanted!r:.500}"
        for part, (ours, wanted) in found.items()
        if ours != wanted
    }


def _status(one: Compared) -> Pair:
    return [one.ours.status, one.theirs.status], [one.ask.status, one.ask.status]


def _body(one: Compared) -> Pair:
    """The first difference of the decoded bodies, and what follows it."""
    try:
        data = decoded(one.ours)
    except Exception as error:  # noqa: BLE001 - a fault like any other
        return error, "a body that can be decoded"
    ours = masked(one.app, data.decode("latin-1"))
    theirs = masked(one.app, decoded(one.theirs).decode("latin-1"))
    if ours == theirs:
        return len(ours), len(theirs)
    same = sum(1 for _ in takewhile(bool, map(eq, ours, theirs)))
    return (len(ours), same, ours[same:]), (len(theirs), same, theirs[same:])


def _headers(one: Compared) -> Pair:
    """The lines that compression does not change."""
    ours, theirs = (
        sorted(
            masked(one.app, f"{name}: {value}")
            for name, value in reply.headers
            if name not in CHANGED_BY_CODING
        )
        for reply in (one.ours, one.theirs)
    )
    return ours, theirs


def _is_compressible(one: Compared) -> bool | None:
    """Whether a client that accepts a coding must get one, judged by the plain answer.

    None if that cannot be told: a small body without a stated length is compressed if the app sends
    it in pieces, and an answer to HEAD need not tell what only GET finds out (RFC 9110 §9.3.2).
    """
    reply = one.theirs
    media_type = "".join(reply.all("content-type")).partition(";")[0]
    if reply.status in (204, 206, 304) or media_type in NOT_CODED:
        return False
    length = int("".join(reply.all("content-length")) or len(reply.body))
    is_stated = bool(reply.all("content-length"))
    return length >= MINIMUM_SIZE if is_stated or length >= MINIMUM_SIZE else None


def _coding(one: Compared) -> Pair:
    ours, theirs = one.ours.all("content-encoding"), one.theirs.all("content-encoding")
    preferred = PREFERRED[one.client]
    is_compressible = _is_compressible(one)
    if theirs or is_compressible is False:
        return ours, theirs
    return (ours or preferred) if is_compressible is None else ours, preferred


def _length(one: Compared) -> Pair:
    """The client has checked the length of a compressed body; only HEAD can state a wrong one."""
    if one.theirs.all("content-encoding"):  # Django adds random bytes against BREACH
        return None, None
    if not one.is_coded_by_us:
        names = ("content-length", "transfer-encoding")
        ours, theirs = ([reply.all(name) for name in names] for reply in (one.ours, one.theirs))
        return ours, theirs
    if one.ask.method == "HEAD" and one.ours.all("content-length"):
        return one.ours.all("content-length"), one.whole().all("content-length")
    return None, None


def _vary(one: Compared) -> Pair:
    """Each answer that another client gets compressed names Accept-Encoding, once."""
    ours, theirs = _elements(one.ours.all("vary")), _elements(one.theirs.all("vary"))
    if one.ours.status in (206, 304):  # as the whole answer has it (RFC 9110 §15.3.7, §15.4.5)
        return ours, _elements(one.whole().all("vary"))
    is_coded = one.is_coded_by_us or _is_compressible(one)
    if is_coded and "accept-encoding" not in theirs:
        theirs = sorted([*theirs, "accept-encoding"])
    elif is_coded is None:
        ours = [element for element in ours if element != "accept-encoding"]
    return ours, theirs


def _etag(one: Compared) -> Pair:
    """Two codings of a page are not equal byte for byte, so a compressed one has a weak tag."""
    ours, theirs = one.ours.all("etag"), one.theirs.all("etag")
    if one.ours.status == 304 and theirs:
        return ours, one.whole().all("etag")
    if one.is_coded_by_us:
        theirs = [f"W/{tag.removeprefix('W/')}" for tag in theirs]
    return ours, theirs


def _elements(lines: list[str]) -> list[str]:
    return sorted(element.strip().lower() for element in ",".join(lines).split(",") if element)


RULES: dict[str, Callable[[Compared], Pair]] = {
    "status": _status,
    "body": _body,
    "headers": _headers,
    "coding": _coding,
    "length": _length,
    "vary": _vary,
    "etag": _etag,
}
