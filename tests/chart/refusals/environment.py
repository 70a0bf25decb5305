"""Mistakes in the names of the app's environment."""

import re

from tests.chart.refusals.refusal import Refusal
from tests.support.repository import CHART

TEMPLATE = CHART / "templates" / "refusals" / "_environment.tpl"
# Variables that users cannot set.
CHART_VARIABLES = re.findall(r"^([A-Z0-9_]+): ", TEMPLATE.read_text(), re.MULTILINE)


REFUSALS = [
    Refusal(
        "more than one worker",
        {"env": {"WEB_CONCURRENCY": "4"}},
        "env.WEB_CONCURRENCY cannot be set",
        "scale by pods",
    ),
    Refusal(
        "more than one worker, through uvicorn's variable",
        {"extraEnv": [{"name": "UVICORN_WORKERS", "value": "4"}]},
        "extraEnv[0] (UVICORN_WORKERS) cannot be set",
        "scale by pods",
    ),
    Refusal(
        "a variable in env and in extraEnv",
        {"env": {"SHOP": "a"}, "extraEnv": [{"name": "SHOP", "value": "b"}]},
        "extraEnv[0] (SHOP) is also in env",
        "remove one",
    ),
    Refusal(
        "a variable twice in extraEnv",
        {
            "extraEnv": [
                {"name": "SHOP_TWICE", "value": "a"},
                {"name": "SHOP_TWICE", "value": "b"},
            ]
        },
        "extraEnv[1] (SHOP_TWICE) is in extraEnv twice",
        "remove one",
    ),
    *(
        Refusal(f"{name} in env", {"env": {name: "x"}}, f"env.{name} cannot be set")
        for name in CHART_VARIABLES
    ),
    *(
        Refusal(
            f"{name} in extraEnv",
            {"extraEnv": [{"name": name, "value": "x"}]},
            f"extraEnv[0] ({name}) cannot be set",
        )
        for name in CHART_VARIABLES
    ),
]
