"""Three kinds of answers on which compressors are measured, with the same bytes every time."""

import json
import random

from reference import catalog, words

_SEED = 20_260_102


def log_records() -> bytes:
    """Returns about 800 KB of JSON: a list of small records, like the answer to a log query."""
    draw = random.Random(_SEED)
    records = [
        {
            "time": f"2026-03-{draw.randint(1, 28):02}T{draw.randint(0, 23):02}:"
            f"{draw.randint(0, 59):02}:{draw.randint(0, 59):02}.{draw.randint(0, 999):03}Z",
            "level": draw.choices(["INFO", "DEBUG", "WARNING", "ERROR"], [70, 20, 8, 2])[0],
            "service": draw.choice(words.TOWNS).lower(),
            "path": f"/items/{draw.randint(1, 50_000)}",
            "status": draw.choices([200, 201, 304, 404, 500], [80, 5, 8, 6, 1])[0],
            "ms": round(draw.expovariate(0.05), 2),
            "trace_id": f"{draw.getrandbits(128):032x}",
        }
        for _ in range(4_500)
    ]
    return json.dumps(records, separators=(",", ":")).encode()


def page() -> bytes:
    """Returns about 800 KB of HTML: the catalog as a table, each row with its markup and text."""
    rows = [
        f'<tr class="product" data-id="{product["id"]}"><td><a href="/products/'
        f'{product["sku"].lower()}"><img src="{product["image"]}" alt="{product["name"]}" '
        f'width="96" height="96" loading="lazy"></a></td><td class="name">{product["name"]}</td>'
        f'<td class="text"><p>{product["description"]}</p></td>'
        f'<td class="price">{product["price_cents"] / 100:.2f} &euro;</td></tr>\n'
        for product in catalog.products()
    ]
    head = "<!doctype html>\n<html lang=en><head><title>Products</title></head><body><table>\n"
    return (head + "".join(rows * 2)[:800_000] + "</table></body></html>\n").encode()


def all_shapes() -> dict[str, bytes]:
    """Returns the shapes by name."""
    return {"catalog": catalog.body(), "log records": log_records(), "html": page()}
