"""Mistakes in the values of the app, its image and the image of `helm test`."""

from tests.chart.refusals.refusal import DIGEST, UVICORN_POD, Refusal

REFUSALS = [
    Refusal(
        "a tag that YAML parsed as a number",
        {"image.tag": 1.10, "image.digest": ""},
        "image.tag (1.1) is a number",
        "--set-string image.tag=…",
    ),
    Refusal(
        "a tag and a digest",
        {"image.tag": "1.0", "image.digest": DIGEST},
        "image.tag (1.0) and image.digest are both set",
        "keep one",
    ),
    Refusal(
        "an own image without a version",
        {"image.repository": "shop/api", "image.tag": "", "image.digest": ""}
        | {"app": "shop.main:app"},
        "image.repository (shop/api) has neither a tag nor a digest",
        "set image.tag or image.digest",
    ),
    Refusal(
        "an own image with the reference service as its app",
        UVICORN_POD
        | {"image.repository": "shop/api", "image.tag": "1.0", "image.digest": ""}
        | {"app": "reference.main:app"},
        "app (reference.main:app) is the reference service",
        "image.repository (shop/api) does not contain",
        "set app to your own",
        "set runtime to image",
    ),
    Refusal(
        "a tag of the test's image that YAML parsed as a number",
        {"tests.image.tag": 2, "tests.image.digest": ""},
        "tests.image.tag (2) is a number",
    ),
    Refusal(
        "a tag and a digest of the test's image",
        {"tests.image.tag": "1.0", "tests.image.digest": DIGEST},
        "tests.image.tag (1.0) and tests.image.digest are both set",
    ),
    Refusal(
        "a test's image without a version",
        {"tests.image.repository": "shop/api", "tests.image.tag": "", "tests.image.digest": ""},
        "tests.image.repository (shop/api) has neither a tag nor a digest",
    ),
]
