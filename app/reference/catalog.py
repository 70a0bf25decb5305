"""A product catalog of about 900 KB of JSON that compresses like real ones.

A generator with a fixed seed draws the text from word lists and the numbers from wide ranges. Every
process, on every version of Python, makes the same bytes.
"""

import functools
import json
import random
from collections.abc import Callable, Sequence
from typing import TypedDict

from reference import words

PRODUCT_COUNT = 1180
_SEED = 20_260_101


class Dimensions(TypedDict):
    """The outer size in millimetres and the weight in grams."""

    width_mm: int
    height_mm: int
    depth_mm: int
    weight_g: int


class Rating(TypedDict):
    """The mean of one to five stars, and the number of ratings."""

    average: float
    count: int


class Product(TypedDict):
    """One entry of the catalog. The price is in cents of the currency."""

    id: int
    sku: str
    ean: str
    name: str
    brand: str
    category: str
    description: str
    price_cents: int
    currency: str
    stock: int
    warehouse: str
    colour: str
    material: str
    tags: list[str]
    dimensions: Dimensions
    rating: Rating
    image: str
    updated_at: str


class _Draw:
    """Uses only `random()`, whose sequence is the same on every version of Python."""

    def __init__(self, seed: int) -> None:
        self._random: Callable[[], float] = random.Random(seed).random

    def below(self, stop: int) -> int:
        """Returns a whole number from 0 to `stop` - 1."""
        return int(self._random() * stop)

    def among(self, options: Sequence[str]) -> str:
        """Returns one of the options."""
        return options[int(self._random() * len(options))]


def _description(draw: _Draw, noun: str, material: str) -> str:
    among, below = draw.among, draw.below
    return (
        f"{among(words.OPENINGS)} {noun} {among(words.MADE)} {material}, "
        f"{among(words.FEATURES)} and {among(words.FEATURES)}. "
        f"{among(words.USES)} {among(words.PLACES)}; {among(words.CARE)}. "
        f"{among(words.ORIGINS)} {among(words.TOWNS)}, {below(9) + 2} years of guarantee."
    )


def _timestamp(draw: _Draw) -> str:
    below = draw.below
    day = f"{2024 + below(3)}-{below(12) + 1:02}-{below(28) + 1:02}"
    return f"{day}T{below(24):02}:{below(60):02}:{below(60):02}Z"


def _product(draw: _Draw, number: int) -> Product:
    among, below = draw.among, draw.below
    brand, noun, material = among(words.BRANDS), among(words.NOUNS), among(words.MATERIALS)
    colour, adjective = among(words.COLOURS), among(words.ADJECTIVES)
    sku = f"{brand[:3].upper()}-{below(1_000_000):06}"
    return {
        "id": 100_000 + number * 7,
        "sku": sku,
        "ean": f"40{below(10**11):011}",
        "name": f"{brand} {adjective} {noun} {below(90) * 10 + 100}",
        "brand": brand,
        "category": among(words.CATEGORIES),
        "description": _description(draw, noun, material),
        "price_cents": below(400) * 50 + 99,
        "currency": "EUR",
        "stock": below(500),
        "warehouse": among(words.TOWNS),
        "colour": colour,
        "material": material,
        "tags": sorted({among(words.TAGS) for _ in range(4)}),
        "dimensions": {
            "width_mm": below(900) + 20,
            "height_mm": below(900) + 20,
            "depth_mm": below(400) + 10,
            "weight_g": below(9000) + 40,
        },
        "rating": {"average": (10 + below(41)) / 10, "count": below(2500)},
        "image": f"https://images.shop.example/products/{sku.lower()}/{colour}-front.webp",
        "updated_at": _timestamp(draw),
    }


@functools.cache
def body() -> bytes:
    """The catalog as JSON, encoded as by Starlette's JSONResponse, once per process."""
    draw = _Draw(_SEED)
    products = [_product(draw, number) for number in range(PRODUCT_COUNT)]
    return json.dumps(products, ensure_ascii=False, separators=(",", ":")).encode()


@functools.cache
def products() -> list[Product]:
    """The same catalog as objects, made on first use, because only the slow route needs them."""
    parsed: list[Product] = json.loads(body())
    return parsed
