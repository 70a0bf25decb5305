"""The catalog as JSON in four ways: `bench.json_routes:app`."""

import orjson
from fastapi import FastAPI, Response
from pydantic import BaseModel
from reference import catalog

app = FastAPI()


class Dimensions(BaseModel):
    """The outer size in millimetres and the weight in grams."""

    width_mm: int
    height_mm: int
    depth_mm: int
    weight_g: int


class Rating(BaseModel):
    """The mean of one to five stars, and the number of ratings."""

    average: float
    count: int


class Product(BaseModel):
    """One entry of the catalog, as a response model of FastAPI."""

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


@app.get("/rows", response_model=None)
async def rows() -> list[catalog.Product]:
    """FastAPI's encoder walks through the list, then json.dumps encodes it."""
    return catalog.products()


@app.get("/model", response_model=list[Product])
async def model() -> list[catalog.Product]:
    """Pydantic validates the list and encodes it."""
    return catalog.products()


@app.get("/orjson")
async def by_orjson() -> Response:
    """The route encodes the list itself."""
    return Response(orjson.dumps(catalog.products()), media_type="application/json")


@app.get("/bytes")
async def as_bytes() -> Response:
    """The route has encoded the list before."""
    return Response(catalog.body(), media_type="application/json")
