"""uvicorn.forwardedAllowIps: the chart accepts exactly the addresses and networks of uvicorn."""

import random
import re

import pytest
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

from tests.chart.umbrella import template_refusals

SEED = 20_260_417
COUNT = 600
PROGRAMS = ("helm3", "helm4")


def drawn() -> list[str]:
    """Addresses and networks of both families, most of them with a mistake in a character."""
    draw = random.Random(SEED)
    return sorted({one(draw) for _ in range(COUNT)})


def one(draw: random.Random) -> str:
    if draw.random() < 0.4:
        text = ".".join(str(draw.choice([0, 1, 10, 128, 192, 255, 256])) for _ in range(4))
        longest = 33
    else:
        groups = [draw.choice(["0", "1", "fd00", "2001", "DB8", "8000"]) for _ in range(8)]
        if draw.random() < 0.8:
            start = draw.randrange(7)
            groups[start : start + draw.randint(1, 8 - start)] = [""]
        text = ":".join(groups)
        text = f":{text}" if text.startswith(":") else text
        text = f"{text}:" if text.endswith(":") else text
        longest = 129
    if draw.random() < 0.6:
        text += f"/{draw.choice([0, 1, 8, 12, 16, 31, 32, 48, 63, 64, 112, 127, 128, longest])}"
    if draw.random() < 0.2:
        place = draw.randrange(len(text))
        text = text[:place] + draw.choice(["", ":", "0", "g", "."]) + text[place + 1 :]
    return text


def is_read_by_uvicorn(text: str) -> bool:
    """Whether uvicorn takes it for an address or a network: it compares other texts as they are."""
    trusted = ProxyHeadersMiddleware(None, text).trusted_hosts  # type: ignore[arg-type] # no app
    return not trusted.trusted_literals


@pytest.mark.parametrize("program", PROGRAMS)
def test_chart_accepts_what_uvicorn_reads(program: str) -> None:
    texts = [text for text in drawn() if text and not re.search(r"/0\d", text)]
    values = {"forwardedAllowIps": ",".join(texts), "trustEveryProxy": True}
    (sentences,) = template_refusals([{"uvicorn": values}], program)
    refused = {re.findall(r'holds "([^"]*)", which', sentence)[0] for sentence in sentences}
    wanted = {text for text in texts if not is_read_by_uvicorn(text)}
    assert 100 < len(wanted) < len(texts) - 100, f"{len(wanted)} of {len(texts)} are wrong"
    assert refused == wanted, (
        f"refused, but read by uvicorn: {refused - wanted}; accepted, but not read: "
        f"{wanted - refused}"
    )
