"""Mistakes in the names of the app's environment."""

import re

from tests.chart.refusals.refusal import Refusal
from tests.support.repository import CHART

TEMPLATE = CHART / "templates" / "refusals" / "_environment.tpl"
# Variables that users cannot set.
CHART_VARIABLES = re.findall(r"^([A-Z0-9_]+): ", TEMPLATE.read_text(), re.MULTILINE)


def changed(written: str, read: object, shown: str, kind: str) -> Refusal:
    """A value that YAML reads as something other than what the user wrote."""
    named = f"env.CHANGED ({shown}) is a {kind}"
    return Refusal(
        f"{written} in env",
        {"env": {"CHANGED": read}},
        named,
        "differ from what you wrote",
        "quote it, or use --set-string env.CHANGED=…",
    )


SOURCES = {
    "fieldRef": {"fieldPath": "spec.nodeName"},
    "secretKeyRef": {"name": "database", "key": "password"},
}

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
    changed("off", False, "false", "boolean"),
    changed("yes", True, "true", "boolean"),
    changed("1.10", 1.10, "1.1", "number"),
    changed("a number of 16 digits", 1234567890123456, "1.234567890123456e+15", "number"),
    changed("a number of 17 digits", 12345678901234567, "1.2345678901234568e+16", "number"),
    changed("a number in scientific notation", 1e21, "1e+21", "number"),
    Refusal(
        "a variable with two sources",
        {"env": {"TWO_SOURCES": {"valueFrom": SOURCES}}},
        "env.TWO_SOURCES.valueFrom has 2 sources",
        "set the others to null",
    ),
    Refusal(
        "a variable without a source",
        {"env": {"NO_SOURCE": {"valueFrom": {"fieldRef": None}}}},
        "env.NO_SOURCE.valueFrom has 0 sources",
    ),
    Refusal(
        "two variables that refer to each other",
        {"env": {"HEN": "$(EGG)"}, "extraEnv": [{"name": "EGG", "value": "an egg of $(HEN)"}]},
        "env and extraEnv have variables that refer to each other (HEN, EGG)",
        "remove one of the references",
    ),
]
