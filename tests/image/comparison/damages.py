"""The control of the comparison: damages to an answer that it has to report.

Each is named after the rule that must report it. It returns None for an answer that it cannot
damage, such as one without a body.
"""

from collections.abc import Callable
from dataclasses import replace

from tests.image.comparison.answers import Compared
from tests.image.comparison.rules import CHANGED_BY_CODING, MINIMUM_SIZE, decoded
from tests.support.strict_client import Reply

Damage = Callable[[Compared], Reply | None]


def _status(one: Compared) -> Reply:
    return replace(one.ours, status=one.ours.status + 1)


def _body(one: Compared) -> Reply | None:
    """Changes the last byte as it was sent, compressed or not."""
    body = one.ours.body
    return replace(one.ours, body=body[:-1] + bytes([body[-1] ^ 1])) if body else None


def _header_value(one: Compared) -> Reply | None:
    return _changed(one.ours, _kept(one), lambda line: [(line[0], line[1] + "x")])


def _header_missing(one: Compared) -> Reply | None:
    return _changed(one.ours, _kept(one), lambda _line: [])


def _header_twice(one: Compared) -> Reply | None:
    return _changed(one.ours, _kept(one), lambda line: [line, line])


def _coding(one: Compared) -> Reply | None:
    """Sends a compressed answer plain, which is right only for a small one."""
    body = decoded(one.ours)
    if not one.is_coded_by_us or len(body) < MINIMUM_SIZE:
        return None
    return _changed(replace(one.ours, body=body), "content-encoding", lambda _line: [])


def _length(one: Compared) -> Reply | None:
    """States another length, for what is sent plain."""
    if one.is_coded_by_us or one.theirs.all("content-encoding"):
        return None
    return _changed(one.ours, "content-length", lambda line: [(line[0], line[1] + "0")])


def _length_of_head(one: Compared) -> Reply | None:
    """States the length of the plain body, where GET gets a compressed one."""
    length = one.theirs.all("content-length")
    if one.ask.method != "HEAD" or not one.is_coded_by_us or not length:
        return None
    return replace(one.ours, headers=(*one.ours.headers, ("content-length", length[0])))


def _vary(one: Compared) -> Reply | None:
    """Names only what the app names."""
    if not one.is_coded_by_us and one.ours.status != 304:
        return None
    theirs = [("vary", value) for value in one.theirs.all("vary")]
    return _changed(one.ours, "vary", lambda _line: theirs)


def _etag(one: Compared) -> Reply | None:
    """Keeps the strong tag of the app for a compressed answer, and for a 304 that confirms one."""
    if not "".join(one.ours.all("etag")).startswith("W/"):
        return None
    return _changed(one.ours, "etag", lambda line: [(line[0], line[1].removeprefix("W/"))])


def _kept(one: Compared) -> str:
    return next(name for name, _ in one.ours.headers if name not in {*CHANGED_BY_CODING, "date"})


def _changed(
    reply: Reply, name: str, change: Callable[[tuple[str, str]], list[tuple[str, str]]]
) -> Reply | None:
    """Replaces the first line of this name. Returns None if there is no such line."""
    index = next((index for index, line in enumerate(reply.headers) if line[0] == name), None)
    if index is None:
        return None
    before, line, after = reply.headers[:index], reply.headers[index], reply.headers[index + 1 :]
    return replace(reply, headers=(*before, *change(line), *after))


DAMAGES: list[tuple[str, Damage]] = [
    ("status", _status),
    ("body", _body),
    ("headers", _header_value),
    ("headers", _header_missing),
    ("headers", _header_twice),
    ("coding", _coding),
    ("length", _length),
    ("length", _length_of_head),
    ("vary", _vary),
    ("etag", _etag),
]
